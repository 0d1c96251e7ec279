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
