-- The last call of each heartbeat, and the certificates that checks saw.
CREATE TABLE beats (
    check_id BIGINT PRIMARY KEY REFERENCES checks (id) ON DELETE CASCADE,
    at       BIGINT NOT NULL
);
CREATE TABLE certificates (
    check_id BIGINT PRIMARY KEY REFERENCES checks (id) ON DELETE CASCADE,
    expires  BIGINT NOT NULL,
    reminded BIGINT NOT NULL, -- days before the end of which the channel was told last; 0: never
    trying   BIGINT NOT NULL, -- days of the reminder that is being posted; 0: none
    tried_at BIGINT NOT NULL
);
