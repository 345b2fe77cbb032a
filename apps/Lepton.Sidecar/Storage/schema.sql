-- Names that repeat in many rows, kept once: a world is one emulated broker or store.
CREATE TABLE IF NOT EXISTS world (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);
