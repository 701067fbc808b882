-- A message could be used once more where its nonce went too early, so none goes before its message is refused for its age.
CREATE TRIGGER message_nonce_is_kept BEFORE DELETE ON message_nonce
WHEN OLD.until > strftime('%Y-%m-%dT%H:%M:%f', 'now') || '0000Z'
BEGIN
  SELECT RAISE(ABORT, 'message_nonce is kept');
END;
