-- What was made for a time.
CREATE TABLE leases (
    request  BIGINT PRIMARY KEY,
    ends     BIGINT NOT NULL,
    document TEXT NOT NULL
);
