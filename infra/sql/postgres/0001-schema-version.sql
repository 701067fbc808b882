-- Which scripts made this database. A script that was applied is never edited: a change is a new script.
CREATE TABLE schema_version
(
  version    INTEGER NOT NULL PRIMARY KEY CHECK (version >= 1),
  script     TEXT    NOT NULL,
  sha256     TEXT    NOT NULL CHECK (length(sha256) = 64),
  applied_at TEXT    NOT NULL
);
