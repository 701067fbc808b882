-- The ledger: one chain, every entry with the hash of the one before.
CREATE TABLE ledger
(
  idx     INTEGER NOT NULL PRIMARY KEY CHECK (idx >= 0),
  key     TEXT    NOT NULL UNIQUE CHECK (length(key) BETWEEN 1 AND 500),
  at      TEXT    NOT NULL,
  kind    TEXT    NOT NULL,
  actor   TEXT    NOT NULL,
  subject TEXT    NOT NULL,
  body    TEXT    NOT NULL CHECK (length(CAST(body AS BLOB)) <= 8192),
  before  TEXT    NOT NULL CHECK (length(before) = 64),
  hash    TEXT    NOT NULL CHECK (length(hash) = 64)
);

CREATE TRIGGER ledger_in_order BEFORE INSERT ON ledger
WHEN NEW.idx IS NOT 1 + COALESCE((SELECT MAX(idx) FROM ledger), -1)
BEGIN
  SELECT RAISE(ABORT, 'ledger takes entries in order');
END;

CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger
BEGIN
  SELECT RAISE(ABORT, 'ledger is append-only');
END;

CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger
BEGIN
  SELECT RAISE(ABORT, 'ledger is append-only');
END;
