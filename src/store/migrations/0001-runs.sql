-- One row per finished run. Times are milliseconds since 1970 UTC.
CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL,
  outcome TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  files_committed INTEGER NOT NULL,
  commits_received INTEGER NOT NULL,
  commits_sent INTEGER NOT NULL,
  conflicts INTEGER NOT NULL,
  message TEXT,
  detail TEXT NOT NULL
) STRICT;
CREATE INDEX runs_by_source ON runs (source, id);
