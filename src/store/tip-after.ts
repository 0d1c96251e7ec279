import type { Database } from "bun:sqlite";

/** Whose savepoint: two sources may name theirs alike. */
export type SavepointKey = { readonly source: string; readonly savepoint: string };

/** The branch's commit at the end of what took a savepoint; undefined: that is not written down. */
export function tipAfter(
  database: Database,
  table: "runs" | "audit",
  { source, savepoint }: SavepointKey,
): string | undefined {
  const row = database
    .query<{ tip: string | null }, [SavepointKey]>(
      `SELECT detail ->> '$.tip' AS tip FROM ${table} WHERE source = $source AND savepoint = $savepoint
       ORDER BY id DESC LIMIT 1`,
    )
    .get({ source, savepoint });
  return row?.tip ?? undefined;
}
