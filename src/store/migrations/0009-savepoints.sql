-- Which savepoint a run or a change took, and where the branch was at its end: both stand in `detail`, and an undo looks
-- for one of them among all. A detail that is no JSON has none.
ALTER TABLE runs ADD COLUMN savepoint TEXT AS (CASE WHEN json_valid(detail) THEN detail ->> '$.savepoint' END) VIRTUAL;
ALTER TABLE audit ADD COLUMN savepoint TEXT AS (CASE WHEN json_valid(detail) THEN detail ->> '$.savepoint' END) VIRTUAL;
CREATE INDEX runs_by_savepoint ON runs (source, savepoint) WHERE savepoint IS NOT NULL;
CREATE INDEX audit_by_savepoint ON audit (source, savepoint) WHERE savepoint IS NOT NULL;
