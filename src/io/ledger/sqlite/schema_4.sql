-- The inputs of each `run`, in order: how each was found when the run began (path, size and time of change; NULL where it
-- is no file, as standard input), and the SHA-256 of its bytes once it was read. A run that died before its input was
-- taken up is answered for by later runs that have read the same.
CREATE TABLE run_inputs (
    run_id      BLOB NOT NULL,
    place       INTEGER NOT NULL,
    path        TEXT,
    bytes       INTEGER,
    modified_ns INTEGER,
    sha256      TEXT,
    PRIMARY KEY (run_id, place)
) WITHOUT ROWID, STRICT;

-- How many inputs a run has; NULL of runs that are older than this.
ALTER TABLE runs ADD COLUMN inputs INTEGER;

-- When a person said that the input of a run that died need not come again.
ALTER TABLE runs ADD COLUMN dismissed_at INTEGER;

-- A contact that was there before the ledger has a time that is not known here.
UPDATE callbacks SET dispatch_at = NULL WHERE code = 'contact.existed';

-- Bytes belong to one dispatch time: those of callbacks that get another one are not kept.
DELETE FROM bodies WHERE callback_id IN (SELECT callback_id FROM callbacks WHERE progress IN ('pending', 'contact_owed'));
