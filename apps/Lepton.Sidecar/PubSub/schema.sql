-- The log of an emulated broker. A message's id is topic * 2^40 + its number in the topic, so that a topic's messages lie together and in order.
CREATE TABLE IF NOT EXISTS topic (
    id    INTEGER PRIMARY KEY,
    world INTEGER NOT NULL,
    name  TEXT NOT NULL,
    UNIQUE (world, name)
);
CREATE TABLE IF NOT EXISTS message (
    id        INTEGER PRIMARY KEY,
    payload   BLOB NOT NULL,
    metadata  TEXT              -- name and value in turn, each ended by a line feed; null = none
);
-- Where a consumer group (an app id) stands: everything up to cursor is done, and the numbers listed in done beyond it.
CREATE TABLE IF NOT EXISTS consumer (
    id     INTEGER PRIMARY KEY,
    topic  INTEGER NOT NULL,
    name   TEXT NOT NULL,
    cursor INTEGER NOT NULL,
    done   TEXT NOT NULL,
    dead   INTEGER NOT NULL,    -- dead-lettered so far
    seen   INTEGER NOT NULL,    -- Unix seconds of the last sign of life
    UNIQUE (topic, name)
);
-- Deliveries that failed and have no dead-letter topic: they come again, with a growing pause, without holding up the log.
CREATE TABLE IF NOT EXISTS parked (
    consumer INTEGER NOT NULL,
    number   INTEGER NOT NULL,
    due      INTEGER NOT NULL,  -- Unix milliseconds
    attempts INTEGER NOT NULL,
    payload  BLOB NOT NULL,
    metadata TEXT,
    PRIMARY KEY (consumer, number)
);
CREATE INDEX IF NOT EXISTS parked_due ON parked (consumer, due);
