-- What an entry carries besides code and detail: the dispatch time of `placed` (RFC 3339), the contact's id, the
-- text's session. NULL where it carries nothing, and in entries older than this.
ALTER TABLE entries ADD COLUMN value TEXT;

-- What a person looks up: a callback's history, and the callbacks of a phone.
CREATE INDEX entries_of_callbacks ON entries (callback_id);
CREATE INDEX callbacks_of_phones ON callbacks (phone);
