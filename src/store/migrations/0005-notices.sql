-- What people were told last, so that each thing is told once, also after a restart. Times are milliseconds since
-- 1970 UTC.
CREATE TABLE notices (
  -- source:NAME, conflict:NAME, watch:NAME, or a subject of the whole program such as program:network.
  subject TEXT PRIMARY KEY,
  -- How it stands; empty: well.
  state TEXT NOT NULL,
  since INTEGER NOT NULL,
  -- The state that people believe; empty: that it is well.
  told TEXT NOT NULL,
  told_at INTEGER,
  -- The rest as JSON.
  detail TEXT NOT NULL
) STRICT;
