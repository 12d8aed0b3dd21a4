-- The checks that are not measured, because their looks could not be made, and what their channels were told of it.
CREATE TABLE blindness (
    check_id     INTEGER PRIMARY KEY REFERENCES checks (id) ON DELETE CASCADE,
    since        INTEGER NOT NULL,
    why          TEXT NOT NULL,
    key          TEXT NOT NULL,    -- of the message that tells of it; '' where no channel is told
    tried_at     INTEGER NOT NULL,
    told         INTEGER NOT NULL, -- 1: it was told
    end_key      TEXT NOT NULL,    -- of the message that tells of its end; '' before that
    end_tried_at INTEGER NOT NULL
) STRICT;
