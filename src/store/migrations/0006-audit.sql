-- What a person or the API changed, and when. Times are milliseconds since 1970 UTC.
CREATE TABLE audit (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  -- cli, api or daemon
  origin TEXT NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  source TEXT,
  -- JSON; never a secret.
  detail TEXT NOT NULL
) STRICT;
ALTER TABLE runs ADD COLUMN cause TEXT NOT NULL DEFAULT 'person';
ALTER TABLE runs ADD COLUMN bytes_received INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN bytes_sent INTEGER NOT NULL DEFAULT 0;
CREATE INDEX audit_by_source ON audit (source, id);
-- All that the figures are made of, so that they never read the long `detail` beside it.
CREATE INDEX runs_by_time ON runs (
  started_at, source, outcome, duration_ms, files_committed, commits_received, commits_sent, bytes_received,
  bytes_sent, conflicts
);
