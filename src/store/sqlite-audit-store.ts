import type { AuditEntry, AuditFilter, AuditStore, StoredAuditEntry } from "./audit-store.ts";
import type { Database, Store } from "./database.ts";
import { tipAfter } from "./tip-after.ts";

export function createAuditStore(store: Store): AuditStore {
  return {
    record: (entry) => store.use("write into", (database) => record(database, entry)),
    list: (filter) => store.use("read", (database) => list(database, filter)),
    tipAfter: (key) => store.use("read", (database) => tipAfter(database, "audit", key)),
    prune: (input) => store.transact("kill", (database) => prune(database, input)),
  };
}

type AuditRow = Omit<StoredAuditEntry, "source" | "detail"> & {
  readonly source: string | null;
  readonly detail: string;
};

function record(database: Database, { source, detail, ...entry }: AuditEntry): void {
  database
    .query<unknown, [Omit<AuditRow, "id">]>(
      `INSERT INTO audit (at, origin, actor, action, source, detail)
       VALUES ($at, $origin, $actor, $action, $source, $detail)`,
    )
    .run({ ...entry, source: source ?? null, detail: JSON.stringify(detail) });
}

function list(database: Database, filter: AuditFilter): readonly StoredAuditEntry[] {
  const statement = database.query<
    AuditRow,
    [{ source: string | null; since: number | null; limit: number }]
  >(
    `SELECT id, at, origin, actor, action, source, detail FROM audit
     WHERE ($source IS NULL OR source = $source) AND ($since IS NULL OR at >= $since)
     ORDER BY id DESC LIMIT $limit`,
  );
  const rows = statement.all({
    source: filter.source ?? null,
    since: filter.since ?? null,
    limit: filter.limit,
  });
  return rows.map((row) => ({
    ...row,
    source: row.source ?? undefined,
    detail: JSON.parse(row.detail) as StoredAuditEntry["detail"],
  }));
}

function prune(database: Database, input: { readonly before: number; readonly limit: number }): number {
  const statement = database.query<unknown, [{ before: number; limit: number }]>(
    "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < $before ORDER BY id LIMIT $limit)",
  );
  return statement.run({ ...input }).changes;
}
