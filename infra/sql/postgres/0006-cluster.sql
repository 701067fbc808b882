-- Whose database this is: every silo of one installation shares the root of trust.
CREATE TABLE installation
(
  one     INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  cluster TEXT    NOT NULL,
  root    TEXT    NOT NULL
);

-- What one silo at a time does for all: who has it, and until when.
CREATE TABLE duty
(
  name    TEXT        NOT NULL PRIMARY KEY,
  holder  TEXT        NOT NULL,
  until   TIMESTAMPTZ NOT NULL
);
