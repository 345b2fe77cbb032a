CREATE TABLE IF NOT EXISTS job (
    app      TEXT NOT NULL,
    name     TEXT NOT NULL,
    job      BLOB NOT NULL,      -- the Job message as it was scheduled
    next     INTEGER NOT NULL,   -- Unix milliseconds of the next run
    until    INTEGER,            -- Unix milliseconds of the last moment to run; null = no limit
    runs     INTEGER NOT NULL,   -- runs made
    version  INTEGER NOT NULL,   -- of this registration: a run of an older one changes nothing
    PRIMARY KEY (app, name)
) WITHOUT ROWID;
