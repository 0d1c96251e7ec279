-- When each schedule of a source is due next. Times are milliseconds since 1970 UTC.
CREATE TABLE schedules (
  source TEXT NOT NULL,
  -- Its words in the config, with its time zone: another text is another schedule.
  expression TEXT NOT NULL,
  -- The occurrence it waits for, without jitter. Null: none (on start).
  next_at INTEGER,
  -- When a run was last asked for because of it. Null: never yet.
  last_at INTEGER,
  PRIMARY KEY (source, expression)
) STRICT;
