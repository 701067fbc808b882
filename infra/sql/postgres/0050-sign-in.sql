-- Which issuer the installation's people sign in with; empty for none. The newest row counts, and every silo must be started with the same.
CREATE TABLE sign_in
(
  number   BIGINT      NOT NULL PRIMARY KEY CHECK (number >= 1),
  issuer   TEXT        NOT NULL CHECK (length(issuer) <= 2000),
  audience TEXT        NOT NULL CHECK (length(audience) <= 2000),
  at       TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
  login    TEXT        NOT NULL DEFAULT current_user
);

CREATE TRIGGER sign_in_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sign_in
FOR EACH STATEMENT EXECUTE FUNCTION append_only();
