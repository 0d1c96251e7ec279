-- Sources that rest by a person's wish or by a guard. The source '*' stands for all of them.
CREATE TABLE pauses (
  source TEXT PRIMARY KEY,
  since INTEGER NOT NULL,
  -- Null: until it is resumed.
  until INTEGER,
  reason TEXT NOT NULL
) STRICT;
