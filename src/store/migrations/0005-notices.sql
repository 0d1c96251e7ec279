-- The state that people were told about last, so that each is told once, also after a restart.
CREATE TABLE notices (
  -- A source, or a subject of the whole program such as 'offline'.
  subject TEXT PRIMARY KEY,
  state TEXT NOT NULL,
  since INTEGER NOT NULL,
  told_at INTEGER
) STRICT;
