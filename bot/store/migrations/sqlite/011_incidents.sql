-- Incidents of checks. They outlive their check, whose name they keep.
CREATE TABLE incidents (
    number   INTEGER PRIMARY KEY AUTOINCREMENT,
    version  INTEGER NOT NULL,
    check_name TEXT  NOT NULL, -- a copy from the document, to search by
    opened   INTEGER NOT NULL, -- the same
    resolved INTEGER NOT NULL, -- the same; 0 while it is open
    storm    INTEGER NOT NULL, -- the same; the incident that tells of it, 0 for none
    document TEXT    NOT NULL
) STRICT;
CREATE INDEX incidents_open ON incidents (number) WHERE resolved = 0;
CREATE INDEX incidents_check ON incidents (check_name, opened);
CREATE INDEX incidents_resolved ON incidents (resolved);
CREATE INDEX incidents_storm ON incidents (storm) WHERE storm > 0;

CREATE TABLE incident_events (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    incident INTEGER NOT NULL REFERENCES incidents (number),
    document TEXT    NOT NULL
) STRICT;
CREATE INDEX incident_events_incident ON incident_events (incident, seq);

-- Times in which channels are not told. They stay, so that reports can say how long was muted.
CREATE TABLE mutes (
    key      TEXT    PRIMARY KEY,
    since    INTEGER NOT NULL,
    until    INTEGER NOT NULL,
    document TEXT    NOT NULL
) STRICT;
CREATE INDEX mutes_until ON mutes (until);

-- Grows with every change of an incident or a mute.
ALTER TABLE store ADD COLUMN attention INTEGER NOT NULL DEFAULT 0;
