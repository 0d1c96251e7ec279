-- At most one row per source: a further request is folded into it. Times are milliseconds since 1970 UTC.
CREATE TABLE jobs (
  source TEXT PRIMARY KEY,
  -- queued, running or parked
  state TEXT NOT NULL,
  -- person, change, schedule, start or catch-up
  cause TEXT NOT NULL,
  -- The lower, the earlier.
  priority INTEGER NOT NULL,
  -- Whose limit it counts against; null: a local one.
  host TEXT,
  requested_at INTEGER NOT NULL,
  due_since INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  -- JSON list of changed paths; null: anything may have changed.
  hints TEXT,
  -- Asked for again while it ran, by this cause.
  again TEXT,
  lease_owner TEXT,
  lease_until INTEGER,
  -- Why it was parked, or what the last attempt failed with.
  reason TEXT
) STRICT;
CREATE INDEX jobs_by_turn ON jobs (state, priority, due_since);
-- Hosts that asked to be left alone for a while (Retry-After), or that are not to be reached.
CREATE TABLE hosts (
  host TEXT PRIMARY KEY,
  held_until INTEGER NOT NULL,
  reason TEXT NOT NULL
) STRICT;
