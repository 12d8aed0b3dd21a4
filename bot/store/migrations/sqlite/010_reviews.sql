-- Whether what was done without approval is still to be looked at.
ALTER TABLE requests ADD COLUMN review_open INTEGER NOT NULL DEFAULT 0;
CREATE INDEX requests_reviews ON requests (number) WHERE review_open = 1;
