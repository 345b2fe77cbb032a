-- One row per instance. Its key is never used for another incarnation of the same id while rows of the old one exist.
CREATE TABLE IF NOT EXISTS workflow (
    key           INTEGER PRIMARY KEY,
    hub           TEXT NOT NULL,      -- app id
    id            TEXT NOT NULL,
    generation    INTEGER NOT NULL,   -- counts ContinueAsNew
    open          INTEGER NOT NULL,   -- 1 until the instance ended
    tasks         INTEGER NOT NULL,   -- activities without a result at the last commit
    wake          INTEGER,            -- Unix milliseconds of the earliest timer or of the scheduled start; of a finished one when it is to be deleted; null = never
    custom_status TEXT,
    received      BLOB,               -- the history it was told of by its starter: a PropagatedHistory
    UNIQUE (hub, id)
);
CREATE INDEX IF NOT EXISTS workflow_open ON workflow (hub, key) WHERE open = 1;
CREATE INDEX IF NOT EXISTS workflow_purge ON workflow (hub, wake) WHERE open = 0 AND wake IS NOT NULL;

-- The committed history, one row per turn: a GetInstanceHistoryResponse holding the events of that turn.
CREATE TABLE IF NOT EXISTS workflow_history (
    instance INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    events   BLOB NOT NULL,
    PRIMARY KEY (instance, seq)
);

-- Events that no committed turn has seen yet.
CREATE TABLE IF NOT EXISTS workflow_inbox (
    instance INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    event    BLOB NOT NULL,
    PRIMARY KEY (instance, seq)
);

-- What a committed turn has to tell other instances (children, parents), until it is in their inbox.
CREATE TABLE IF NOT EXISTS workflow_message (
    key       INTEGER PRIMARY KEY,
    source    TEXT NOT NULL,
    hub       TEXT NOT NULL,
    id        TEXT NOT NULL,
    execution TEXT,               -- the child whose result it is (before: the only run of the target it is for)
    event     BLOB NOT NULL,
    told      BLOB                -- the history that goes with the start of a child: a PropagatedHistory
);
