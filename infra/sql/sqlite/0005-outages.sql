-- When any silo was last alive, and the stretches in which none was.
CREATE TABLE signs_of_life
(
  one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  at  TEXT    NOT NULL
);

CREATE TABLE outages
(
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  from_at TEXT NOT NULL,
  to_at   TEXT NOT NULL
);
