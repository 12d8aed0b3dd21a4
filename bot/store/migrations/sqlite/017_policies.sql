-- The policy that a process decides by, as a fingerprint, and how people know the process.
ALTER TABLE crew ADD COLUMN policy TEXT NOT NULL DEFAULT '';
ALTER TABLE crew ADD COLUMN process TEXT NOT NULL DEFAULT '';
