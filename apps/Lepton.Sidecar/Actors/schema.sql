CREATE TABLE IF NOT EXISTS actor_reminder (
    type     TEXT NOT NULL,
    actor    TEXT NOT NULL,
    name     TEXT NOT NULL,
    due      TEXT NOT NULL,      -- as given
    period   TEXT NOT NULL,      -- in the scheduler's form
    ttl      TEXT NOT NULL,      -- as given, where it is a time; else empty
    data     BLOB,               -- a JSON value, or null
    next     INTEGER NOT NULL,   -- Unix milliseconds of the next firing
    months   INTEGER NOT NULL,   -- the period: calendar months ...
    ticks    INTEGER NOT NULL,   -- ... and 100 ns; both 0 = fires once
    times    INTEGER,            -- firings that are left; null = no limit
    until    INTEGER,            -- Unix milliseconds of the last moment to fire; null = no limit
    retries  INTEGER NOT NULL,   -- of a failed firing
    pause    INTEGER NOT NULL,   -- milliseconds between them
    version  INTEGER NOT NULL,   -- of this registration: a firing of an older one changes nothing
    PRIMARY KEY (type, actor, name)
) WITHOUT ROWID;
