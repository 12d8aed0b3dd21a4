-- What was made for a time.
CREATE TABLE leases (
    request  INTEGER PRIMARY KEY,
    ends     INTEGER NOT NULL,
    document TEXT NOT NULL
) STRICT;
