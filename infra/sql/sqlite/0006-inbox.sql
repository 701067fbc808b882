-- Deliveries of webhooks: here before they are answered, and for a week after they were handed over, so that none is handed over twice.
CREATE TABLE inbox
(
  position    INTEGER PRIMARY KEY AUTOINCREMENT,
  source      TEXT NOT NULL CHECK (length(source) BETWEEN 1 AND 40),
  delivery    TEXT NOT NULL CHECK (length(delivery) BETWEEN 1 AND 64),
  digest      TEXT NOT NULL CHECK (length(digest) = 64),
  body        BLOB NOT NULL CHECK (length(body) <= 1048576),
  action      TEXT NOT NULL CHECK (action IN ('opened', 'updated', 'closed')),
  application TEXT NOT NULL CHECK (length(application) BETWEEN 1 AND 100),
  head        TEXT NOT NULL CHECK (length(head) BETWEEN 1 AND 200),
  base        TEXT NOT NULL CHECK (length(base) BETWEEN 1 AND 200),
  received_at TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('waiting', 'handed', 'refused')),
  deployment  TEXT NULL CHECK (length(deployment) <= 300),
  reason      TEXT NULL CHECK (length(reason) <= 1000),
  settled_at  TEXT NULL,
  UNIQUE (source, delivery)
);

CREATE INDEX inbox_waiting ON inbox (position) WHERE state = 'waiting';
CREATE INDEX inbox_settled ON inbox (settled_at) WHERE settled_at IS NOT NULL;
