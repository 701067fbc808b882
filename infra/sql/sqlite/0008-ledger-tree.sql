-- The complete tiles of the ledger's Merkle tree: 256 hashes each, and the root over them. They follow from the entries.
CREATE TABLE ledger_tile
(
  level  INTEGER NOT NULL CHECK (level BETWEEN 0 AND 7),
  number INTEGER NOT NULL CHECK (number >= 0),
  hashes BLOB    NOT NULL CHECK (length(hashes) = 8192),
  root   BLOB    NOT NULL CHECK (length(root) = 32),
  PRIMARY KEY (level, number)
) WITHOUT ROWID;

CREATE TRIGGER ledger_tile_no_update BEFORE UPDATE ON ledger_tile
BEGIN
  SELECT RAISE(ABORT, 'ledger_tile is append-only');
END;

CREATE TRIGGER ledger_tile_no_delete BEFORE DELETE ON ledger_tile
BEGIN
  SELECT RAISE(ABORT, 'ledger_tile is append-only');
END;

-- What was signed of the ledger: size and root, as a note.
CREATE TABLE ledger_checkpoint
(
  size INTEGER NOT NULL PRIMARY KEY CHECK (size >= 1),
  at   TEXT    NOT NULL,
  note TEXT    NOT NULL CHECK (length(CAST(note AS BLOB)) <= 65536)
);

CREATE TRIGGER ledger_checkpoint_no_update BEFORE UPDATE ON ledger_checkpoint
BEGIN
  SELECT RAISE(ABORT, 'ledger_checkpoint is append-only');
END;

CREATE TRIGGER ledger_checkpoint_no_delete BEFORE DELETE ON ledger_checkpoint
BEGIN
  SELECT RAISE(ABORT, 'ledger_checkpoint is append-only');
END;

-- Who has seen a checkpoint and found that it follows from all that was seen before.
CREATE TABLE ledger_cosignature
(
  size      INTEGER NOT NULL REFERENCES ledger_checkpoint (size),
  witness   TEXT    NOT NULL CHECK (length(CAST(witness AS BLOB)) BETWEEN 1 AND 200),
  key       INTEGER NOT NULL,
  signature BLOB    NOT NULL CHECK (length(signature) <= 4096),
  PRIMARY KEY (size, witness)
) WITHOUT ROWID;

CREATE TRIGGER ledger_cosignature_no_update BEFORE UPDATE ON ledger_cosignature
BEGIN
  SELECT RAISE(ABORT, 'ledger_cosignature is append-only');
END;

CREATE TRIGGER ledger_cosignature_no_delete BEFORE DELETE ON ledger_cosignature
BEGIN
  SELECT RAISE(ABORT, 'ledger_cosignature is append-only');
END;
