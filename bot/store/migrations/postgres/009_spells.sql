-- How long a check was up or down: from here to the check's next spell.
CREATE TABLE spells (
    check_id BIGINT NOT NULL REFERENCES checks (id) ON DELETE CASCADE,
    since    BIGINT NOT NULL,
    status   TEXT   NOT NULL,
    PRIMARY KEY (check_id, since)
);
