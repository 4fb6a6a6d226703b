-- How many entries were written to a callback since this schema: a writer says which version it knows, and is refused
-- where another has written since.
ALTER TABLE callbacks ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
