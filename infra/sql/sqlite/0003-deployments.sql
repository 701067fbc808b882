-- The log of all deployments. Times are UTC text of fixed width, so that they sort as they are.
CREATE TABLE deployment_log
(
  deployment    TEXT    NOT NULL CHECK (length(deployment) BETWEEN 1 AND 300),
  number        INTEGER NOT NULL CHECK (number >= 1),
  body          BLOB    NOT NULL CHECK (length(body) <= 65536),
  table_version INTEGER NOT NULL,
  writer        TEXT    NOT NULL CHECK (length(writer) <= 500),
  at            TEXT    NOT NULL,
  PRIMARY KEY (deployment, number)
);

CREATE TRIGGER deployment_log_in_order BEFORE INSERT ON deployment_log
WHEN NEW.number IS NOT 1 + COALESCE((SELECT MAX(number) FROM deployment_log WHERE deployment = NEW.deployment), 0)
BEGIN
  SELECT RAISE(ABORT, 'deployment_log takes entries in order');
END;

CREATE TRIGGER deployment_log_no_update BEFORE UPDATE ON deployment_log
BEGIN
  SELECT RAISE(ABORT, 'deployment_log is append-only');
END;

CREATE TRIGGER deployment_log_no_delete BEFORE DELETE ON deployment_log
BEGIN
  SELECT RAISE(ABORT, 'deployment_log is append-only');
END;

-- What the log comes to; derived, and written with every append.
CREATE TABLE deployment_head
(
  deployment    TEXT    NOT NULL PRIMARY KEY,
  application   TEXT    NOT NULL CHECK (length(application) BETWEEN 1 AND 100),
  attempt       INTEGER NOT NULL,
  number        INTEGER NOT NULL,
  table_version INTEGER NOT NULL,
  status        TEXT    NOT NULL,
  stage         TEXT    NULL,
  head_commit   TEXT    NOT NULL,
  base_commit   TEXT    NOT NULL,
  updated_at    TEXT    NOT NULL,
  due           TEXT    NULL,
  snapshot      BLOB    NOT NULL CHECK (length(snapshot) <= 1900)
);

CREATE INDEX deployment_head_due ON deployment_head (due) WHERE due IS NOT NULL;
CREATE INDEX deployment_head_updated ON deployment_head (updated_at);
CREATE INDEX deployment_head_application ON deployment_head (application, updated_at);

-- Facts that wait for a place in the ledger's chain, in order.
CREATE TABLE ledger_outbox
(
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  key      TEXT NOT NULL UNIQUE CHECK (length(key) BETWEEN 1 AND 500),
  at       TEXT NOT NULL,
  kind     TEXT NOT NULL,
  actor    TEXT NOT NULL,
  subject  TEXT NOT NULL,
  body     TEXT NOT NULL CHECK (length(CAST(body AS BLOB)) <= 8192)
);
