-- Which messages were taken, by whom: a digest of receiver and nonce. A row goes once its message would be refused for its age.
CREATE TABLE message_nonce
(
  digest BLOB NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
  until  TEXT NOT NULL CHECK (length(until) = 28)
) WITHOUT ROWID;

CREATE INDEX message_nonce_until ON message_nonce (until);

CREATE TRIGGER message_nonce_no_update BEFORE UPDATE ON message_nonce
BEGIN
  SELECT RAISE(ABORT, 'message_nonce is not changed');
END;
