-- When those who have to decide were reminded.
ALTER TABLE requests ADD COLUMN reminded_at INTEGER NOT NULL DEFAULT 0;
