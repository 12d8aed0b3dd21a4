-- What is remembered of the one-time codes that people gave; never a code.
CREATE TABLE codes (
    person TEXT PRIMARY KEY,
    tries  TEXT NOT NULL -- JSON: the step of time of the latest code accepted, and when others were wrong
) STRICT;
