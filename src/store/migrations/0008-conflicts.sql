-- Conflicts as the merges of a source's history tell them: an index of it, which can be made anew. Times are
-- milliseconds since 1970 UTC.
CREATE TABLE conflicts (
  source TEXT NOT NULL,
  merge_commit TEXT NOT NULL,
  -- One character for each byte of the path.
  path TEXT NOT NULL,
  met_at INTEGER NOT NULL,
  -- Null: it is open.
  resolved_at INTEGER,
  -- What became of it, in a word.
  resolution TEXT,
  -- The whole record as JSON.
  detail TEXT NOT NULL,
  PRIMARY KEY (source, merge_commit, path)
) STRICT, WITHOUT ROWID;
CREATE INDEX conflicts_open ON conflicts (source, met_at) WHERE resolved_at IS NULL;
-- The commit up to which the history of a source has been read.
CREATE TABLE conflict_marks (
  source TEXT PRIMARY KEY,
  tip TEXT NOT NULL
) STRICT, WITHOUT ROWID;
