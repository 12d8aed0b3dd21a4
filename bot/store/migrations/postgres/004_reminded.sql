-- When those who have to decide were reminded.
ALTER TABLE requests ADD COLUMN reminded_at BIGINT NOT NULL DEFAULT 0;
