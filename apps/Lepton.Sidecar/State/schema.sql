CREATE TABLE IF NOT EXISTS state (
    world   INTEGER NOT NULL,
    key     TEXT NOT NULL,
    value   BLOB NOT NULL,
    etag    TEXT NOT NULL,
    expires INTEGER,           -- Unix milliseconds; null = never
    PRIMARY KEY (world, key)
);
CREATE INDEX IF NOT EXISTS state_expires ON state (expires) WHERE expires IS NOT NULL;
