-- What Slack said of channels: whether another organisation shares them.
CREATE TABLE channels (
    id     TEXT PRIMARY KEY,
    shared BOOLEAN NOT NULL
);
