-- What the root signed: registries of keys, rosters of people, and the silos that joined. Each document counts for its signature alone.
CREATE TABLE trust_document
(
  place   BIGINT NOT NULL PRIMARY KEY CHECK (place >= 1),
  kind    TEXT   COLLATE "C" NOT NULL CHECK (length(kind) BETWEEN 1 AND 100),
  number  BIGINT NOT NULL CHECK (number >= 1),
  content BYTEA  NOT NULL CHECK (length(content) <= 1048576),
  digest  TEXT   NOT NULL CHECK (length(digest) = 64),
  UNIQUE (kind, number, digest)
);

CREATE TRIGGER trust_document_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON trust_document
FOR EACH STATEMENT EXECUTE FUNCTION append_only();

-- Places have no gaps, so that nobody reads past a document that is still to come, and nobody takes the last place there is.
CREATE FUNCTION trust_document_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.place <> (SELECT COALESCE(MAX(place), 0) + 1 FROM trust_document) THEN
    -- As if the place were taken, which is what it is where two came at once.
    RAISE EXCEPTION 'trust_document is appended to' USING ERRCODE = 'unique_violation', CONSTRAINT = 'trust_document_pkey';
  END IF;
  RETURN NEW;
END
$$;

CREATE TRIGGER trust_document_in_order BEFORE INSERT ON trust_document
FOR EACH ROW EXECUTE FUNCTION trust_document_in_order();
