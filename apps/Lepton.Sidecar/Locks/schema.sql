CREATE TABLE IF NOT EXISTS lock (
    world    INTEGER NOT NULL,
    key      TEXT NOT NULL,
    owner    TEXT NOT NULL,
    expires  INTEGER NOT NULL,   -- Unix milliseconds
    PRIMARY KEY (world, key)
) WITHOUT ROWID;
