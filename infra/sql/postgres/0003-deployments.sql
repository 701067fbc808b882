-- The log of all deployments. Times are UTC text of fixed width, as in the ledger's hashes, so that both databases hold the same bytes.
CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$;

CREATE TABLE deployment_log
(
  deployment    TEXT    COLLATE "C" NOT NULL CHECK (length(deployment) BETWEEN 1 AND 300),
  number        INTEGER NOT NULL CHECK (number >= 1),
  body          BYTEA   NOT NULL CHECK (length(body) <= 65536),
  table_version INTEGER NOT NULL,
  writer        TEXT    NOT NULL CHECK (length(writer) <= 500),
  at            TEXT    COLLATE "C" NOT NULL,
  PRIMARY KEY (deployment, number)
);

CREATE TRIGGER deployment_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON deployment_log
FOR EACH STATEMENT EXECUTE FUNCTION append_only();

-- What the log comes to; derived, and written with every append. Its number is what an append compares with.
CREATE TABLE deployment_head
(
  deployment    TEXT    COLLATE "C" NOT NULL PRIMARY KEY,
  application   TEXT    COLLATE "C" NOT NULL CHECK (length(application) BETWEEN 1 AND 100),
  attempt       INTEGER NOT NULL,
  number        INTEGER NOT NULL,
  table_version INTEGER NOT NULL,
  status        TEXT    NOT NULL,
  stage         TEXT    NULL,
  head_commit   TEXT    NOT NULL,
  base_commit   TEXT    NOT NULL,
  updated_at    TEXT    COLLATE "C" NOT NULL,
  due           TEXT    COLLATE "C" NULL,
  snapshot      BYTEA   NOT NULL CHECK (length(snapshot) <= 1900)
)
WITH (fillfactor = 70);

CREATE INDEX deployment_head_due ON deployment_head (due) WHERE due IS NOT NULL;
CREATE INDEX deployment_head_updated ON deployment_head (updated_at);
CREATE INDEX deployment_head_application ON deployment_head (application, updated_at);

-- Facts that wait for a place in the ledger's chain, in order.
CREATE TABLE ledger_outbox
(
  position BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key      TEXT COLLATE "C" NOT NULL UNIQUE CHECK (length(key) BETWEEN 1 AND 500),
  at       TEXT NOT NULL,
  kind     TEXT NOT NULL,
  actor    TEXT NOT NULL,
  subject  TEXT NOT NULL,
  body     TEXT NOT NULL CHECK (octet_length(body) <= 8192)
);
