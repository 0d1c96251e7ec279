import type { ConflictKey, ConflictStore, Learned, StoredConflict } from "./conflict-store.ts";
import type { Database, Store } from "./database.ts";

/** All of it can be read from the history again, so what a power cut takes is no loss. */
export function createConflictStore(store: Store): ConflictStore {
  return {
    mark: (source) => store.use("read", (database) => readMark(database, source)),
    learn: (learned) => store.transact("kill", (database) => learn(database, learned)),
    resolve: (key, end) => store.transact("kill", (database) => resolve(database, key, end)),
    reopen: (key) => store.transact("kill", (database) => reopen(database, key)),
    list: (filter) => store.use("read", (database) => list(database, filter)),
    countOpen: () => store.use("read", countOpen),
    forget: (source) => store.transact("kill", (database) => forget(database, source)),
  };
}

function readMark(database: Database, source: string): string | undefined {
  return database
    .query<{ tip: string }, [{ source: string }]>("SELECT tip FROM conflict_marks WHERE source = $source")
    .get({ source })?.tip;
}

function learn(database: Database, { source, tip, conflicts }: Learned): void {
  const insert = database.query<unknown, [ConflictRow]>(
    `INSERT OR IGNORE INTO conflicts (source, merge_commit, path, met_at, resolved_at, resolution, detail)
     VALUES ($source, $commit, $path, $metAt, $resolvedAt, $resolution, $detail)`,
  );
  for (const conflict of conflicts)
    insert.run({
      ...conflict,
      resolvedAt: conflict.resolvedAt ?? null,
      resolution: conflict.resolution ?? null,
    });
  database
    .query<unknown, [{ source: string; tip: string }]>(
      "INSERT OR REPLACE INTO conflict_marks (source, tip) VALUES ($source, $tip)",
    )
    .run({ source, tip });
}

function resolve(
  database: Database,
  key: ConflictKey,
  end: { readonly at: number; readonly resolution: string },
): boolean {
  const { changes } = database
    .query<unknown, [ConflictKey & { at: number; resolution: string }]>(
      `UPDATE conflicts SET resolved_at = $at, resolution = $resolution
       WHERE source = $source AND merge_commit = $commit AND path = $path AND resolved_at IS NULL`,
    )
    .run({ source: key.source, commit: key.commit, path: key.path, ...end });
  return changes > 0;
}

function reopen(database: Database, { source, commit, path }: ConflictKey): boolean {
  const { changes } = database
    .query<unknown, [ConflictKey]>(
      `UPDATE conflicts SET resolved_at = NULL, resolution = NULL
       WHERE source = $source AND merge_commit = $commit AND path = $path AND resolved_at IS NOT NULL`,
    )
    .run({ source, commit, path });
  return changes > 0;
}

type ConflictRow = Omit<StoredConflict, "resolvedAt" | "resolution"> & {
  readonly resolvedAt: number | null;
  readonly resolution: string | null;
};

function list(
  database: Database,
  { source, open }: { readonly source: string; readonly open: boolean },
): readonly StoredConflict[] {
  const rows = database
    .query<ConflictRow, [{ source: string }]>(
      `SELECT source, merge_commit AS "commit", path, met_at AS metAt, resolved_at AS resolvedAt, resolution, detail
       FROM conflicts WHERE source = $source ${open ? "AND resolved_at IS NULL" : ""}
       ORDER BY met_at DESC, path`,
    )
    .all({ source });
  return rows.map((row) => ({
    ...row,
    resolvedAt: row.resolvedAt ?? undefined,
    resolution: row.resolution ?? undefined,
  }));
}

function countOpen(database: Database): ReadonlyMap<string, number> {
  const rows = database
    .query<{ source: string; amount: number }, []>(
      "SELECT source, count(*) AS amount FROM conflicts WHERE resolved_at IS NULL GROUP BY source",
    )
    .all();
  return new Map(rows.map(({ source, amount }) => [source, amount]));
}

function forget(database: Database, source: string): void {
  for (const table of ["conflicts", "conflict_marks"])
    database
      .query<unknown, [{ source: string }]>(`DELETE FROM ${table} WHERE source = $source`)
      .run({ source });
}
