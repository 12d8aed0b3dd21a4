-- The last call of each heartbeat, and the certificates that checks saw.
CREATE TABLE beats (
    check_id INTEGER PRIMARY KEY REFERENCES checks (id) ON DELETE CASCADE,
    at       INTEGER NOT NULL
) STRICT;
CREATE TABLE certificates (
    check_id INTEGER PRIMARY KEY REFERENCES checks (id) ON DELETE CASCADE,
    expires  INTEGER NOT NULL,
    reminded INTEGER NOT NULL, -- days before the end of which the channel was told last; 0: never
    trying   INTEGER NOT NULL, -- days of the reminder that is being posted; 0: none
    tried_at INTEGER NOT NULL
) STRICT;
