import type { Database } from "../store/database.ts";

/** The heartbeat. An expired lease that nobody has taken back (the machine slept) is still its owner's. */
export function extendLeases(
  database: Database,
  sources: readonly string[],
  lease: { readonly owner: string; readonly until: number },
): readonly string[] {
  const statement = database.query<{ source: string }, [{ owner: string; until: number; sources: string }]>(
    `UPDATE jobs SET lease_until = $until
     WHERE state = 'running' AND lease_owner = $owner AND source IN (SELECT value FROM json_each($sources))
     RETURNING source`,
  );
  const rows = statement.all({ ...lease, sources: JSON.stringify(sources) });
  return rows.map(({ source }) => source);
}
