-- The complete tiles of the ledger's Merkle tree: 256 hashes each, and the root over them. They follow from the entries.
CREATE TABLE ledger_tile
(
  level  SMALLINT NOT NULL CHECK (level BETWEEN 0 AND 7),
  number BIGINT   NOT NULL CHECK (number >= 0),
  hashes BYTEA    NOT NULL CHECK (length(hashes) = 8192),
  root   BYTEA    NOT NULL CHECK (length(root) = 32),
  PRIMARY KEY (level, number)
);

-- Hashes do not compress.
ALTER TABLE ledger_tile ALTER COLUMN hashes SET STORAGE EXTERNAL;

CREATE TRIGGER ledger_tile_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_tile
FOR EACH STATEMENT EXECUTE FUNCTION append_only();

-- What was signed of the ledger: size and root, as a note.
CREATE TABLE ledger_checkpoint
(
  size BIGINT NOT NULL PRIMARY KEY CHECK (size >= 1),
  at   TEXT   NOT NULL,
  note TEXT   NOT NULL CHECK (octet_length(note) <= 65536)
);

CREATE TRIGGER ledger_checkpoint_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_checkpoint
FOR EACH STATEMENT EXECUTE FUNCTION append_only();

-- Who has seen a checkpoint and found that it follows from all that was seen before.
CREATE TABLE ledger_cosignature
(
  size      BIGINT NOT NULL REFERENCES ledger_checkpoint (size),
  witness   TEXT   NOT NULL CHECK (octet_length(witness) BETWEEN 1 AND 200),
  key       BIGINT NOT NULL,
  signature BYTEA  NOT NULL CHECK (length(signature) <= 4096),
  PRIMARY KEY (size, witness)
);

CREATE TRIGGER ledger_cosignature_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_cosignature
FOR EACH STATEMENT EXECUTE FUNCTION append_only();
