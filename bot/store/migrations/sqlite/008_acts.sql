-- Lines that run once, at their time.
CREATE TABLE acts (
    key      TEXT    PRIMARY KEY,
    due      INTEGER NOT NULL,
    document TEXT    NOT NULL
) STRICT;
CREATE INDEX acts_due ON acts (due);
