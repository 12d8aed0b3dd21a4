-- Lines that run once, at their time.
CREATE TABLE acts (
    key      TEXT    PRIMARY KEY,
    due      BIGINT NOT NULL,
    document TEXT    NOT NULL
);
CREATE INDEX acts_due ON acts (due);
