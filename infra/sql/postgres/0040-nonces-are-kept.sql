-- A message could be used once more where its nonce went too early, so none goes before its message is refused for its age. By the database's own clock.
CREATE FUNCTION message_nonce_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.until > to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"0Z"') THEN
    RAISE EXCEPTION 'message_nonce is kept' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN OLD;
END
$$;

CREATE TRIGGER message_nonce_is_kept BEFORE DELETE ON message_nonce
FOR EACH ROW EXECUTE FUNCTION message_nonce_is_kept();
