-- Incidents of checks. They outlive their check, whose name they keep.
CREATE TABLE incidents (
    number   BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    version  BIGINT NOT NULL,
    check_name TEXT  NOT NULL, -- a copy from the document, to search by
    opened   BIGINT NOT NULL, -- the same
    resolved BIGINT NOT NULL, -- the same; 0 while it is open
    storm    BIGINT NOT NULL, -- the same; the incident that tells of it, 0 for none
    document TEXT    NOT NULL
);
CREATE INDEX incidents_open ON incidents (number) WHERE resolved = 0;
CREATE INDEX incidents_check ON incidents (check_name, opened);
CREATE INDEX incidents_resolved ON incidents (resolved);
CREATE INDEX incidents_storm ON incidents (storm) WHERE storm > 0;

CREATE TABLE incident_events (
    seq      BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    incident BIGINT NOT NULL REFERENCES incidents (number),
    document TEXT    NOT NULL
);
CREATE INDEX incident_events_incident ON incident_events (incident, seq);

-- Times in which channels are not told. They stay, so that reports can say how long was muted.
CREATE TABLE mutes (
    key      TEXT    PRIMARY KEY,
    since    BIGINT NOT NULL,
    until    BIGINT NOT NULL,
    document TEXT    NOT NULL
);
CREATE INDEX mutes_until ON mutes (until);

-- Grows with every change of an incident or a mute.
ALTER TABLE store ADD COLUMN attention BIGINT NOT NULL DEFAULT 0;
