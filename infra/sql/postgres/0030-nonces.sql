-- Which messages were taken, by whom: a digest of receiver and nonce. A row goes once its message would be refused for its age.
CREATE TABLE message_nonce
(
  digest BYTEA NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
  until  TEXT COLLATE "C" NOT NULL CHECK (length(until) = 28)
);

CREATE INDEX message_nonce_until ON message_nonce (until);

CREATE TRIGGER message_nonce_no_update BEFORE UPDATE OR TRUNCATE ON message_nonce
FOR EACH STATEMENT EXECUTE FUNCTION append_only();
