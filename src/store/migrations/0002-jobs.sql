-- At most one row per source: a further request is folded into it. Times are milliseconds since 1970 UTC.
CREATE TABLE jobs (
  source TEXT PRIMARY KEY,
  -- ready, waiting (until not_before), running or parked
  state TEXT NOT NULL,
  -- person, change, catch-up, start or schedule
  cause TEXT NOT NULL,
  -- JSON: what was known of the source when it was asked for
  facts TEXT NOT NULL,
  -- The lower, the earlier: due_since less the head start of its class.
  turn INTEGER NOT NULL,
  -- Whose limit it counts against; empty: a local one.
  host TEXT NOT NULL,
  requested_at INTEGER NOT NULL,
  due_since INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  crashes INTEGER NOT NULL DEFAULT 0,
  -- JSON list of changed paths; null: anything may have changed.
  hints TEXT,
  -- JSON list of the conditions it waits for; null: none.
  waits TEXT,
  -- JSON of the request that came while it ran.
  again TEXT,
  lease_owner TEXT,
  lease_until INTEGER,
  -- Why it was parked, or what the last attempt failed with.
  reason TEXT
) STRICT;
CREATE INDEX jobs_by_turn ON jobs (turn, host, source) WHERE state = 'ready';
-- The best job of each host is one seek away, however many wait on a host that is held or full.
CREATE INDEX jobs_by_host ON jobs (host, turn, source) WHERE state = 'ready';
CREATE INDEX jobs_by_time ON jobs (not_before) WHERE state = 'waiting';
CREATE INDEX jobs_running ON jobs (host) WHERE state = 'running';
-- Hosts that asked to be left alone for a while (Retry-After), or that are not to be reached.
CREATE TABLE hosts (
  host TEXT PRIMARY KEY,
  held_until INTEGER NOT NULL,
  -- How often in a row it was not to be reached.
  failures INTEGER NOT NULL,
  -- 1: the host itself asked for the hold that lasts; 0: it was not to be reached.
  asked INTEGER NOT NULL,
  reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;
