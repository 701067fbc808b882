-- The ledger: one chain, every entry with the hash of the one before.
CREATE TABLE ledger
(
  idx     BIGINT NOT NULL PRIMARY KEY CHECK (idx >= 0),
  key     TEXT   COLLATE "C" NOT NULL UNIQUE CHECK (length(key) BETWEEN 1 AND 500),
  at      TEXT   NOT NULL,
  kind    TEXT   NOT NULL,
  actor   TEXT   NOT NULL,
  subject TEXT   NOT NULL,
  body    TEXT   NOT NULL CHECK (octet_length(body) <= 8192),
  before  TEXT   NOT NULL CHECK (length(before) = 64),
  hash    TEXT   NOT NULL CHECK (length(hash) = 64)
);

CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger
FOR EACH STATEMENT EXECUTE FUNCTION append_only();
