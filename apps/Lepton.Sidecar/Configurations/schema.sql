CREATE TABLE IF NOT EXISTS configuration_item (
    world    INTEGER NOT NULL,
    key      TEXT NOT NULL,
    value    TEXT NOT NULL,
    version  TEXT NOT NULL,
    PRIMARY KEY (world, key)
) WITHOUT ROWID;
