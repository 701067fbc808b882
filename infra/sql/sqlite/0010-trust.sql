-- What the root signed: registries of keys, rosters of people, and the silos that joined. Each document counts for its signature alone.
CREATE TABLE trust_document
(
  place   INTEGER NOT NULL PRIMARY KEY CHECK (place >= 1),
  kind    TEXT    NOT NULL CHECK (length(kind) BETWEEN 1 AND 100),
  number  INTEGER NOT NULL CHECK (number >= 1),
  content BLOB    NOT NULL CHECK (length(content) <= 1048576),
  digest  TEXT    NOT NULL CHECK (length(digest) = 64),
  UNIQUE (kind, number, digest)
);

CREATE TRIGGER trust_document_no_update BEFORE UPDATE ON trust_document
BEGIN
  SELECT RAISE(ABORT, 'trust_document is append-only');
END;

CREATE TRIGGER trust_document_no_delete BEFORE DELETE ON trust_document
BEGIN
  SELECT RAISE(ABORT, 'trust_document is append-only');
END;

-- Places have no gaps, so that nobody reads past a document that is still to come, and nobody takes the last place there is.
CREATE TRIGGER trust_document_in_order BEFORE INSERT ON trust_document
WHEN NEW.place <> (SELECT COALESCE(MAX(place), 0) + 1 FROM trust_document)
BEGIN
  SELECT RAISE(ABORT, 'trust_document is appended to');
END;
