-- When each schedule of a source is due next. Times are milliseconds since 1970 UTC.
CREATE TABLE schedules (
  source TEXT NOT NULL,
  -- Its words in the config, with its time zone: another text is another schedule.
  expression TEXT NOT NULL,
  -- Null: never again (manual, on start).
  next_at INTEGER,
  last_at INTEGER,
  PRIMARY KEY (source, expression)
) STRICT;
