-- When any silo was last alive, and the stretches in which none was.
CREATE TABLE signs_of_life
(
  one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  at  TEXT    COLLATE "C" NOT NULL
);

CREATE TABLE outages
(
  id      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  from_at TEXT COLLATE "C" NOT NULL,
  to_at   TEXT COLLATE "C" NOT NULL
);
