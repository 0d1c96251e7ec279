import type { Database, Store } from "./database.ts";
import { ALL_SOURCES, type Pause, type PauseStore } from "./pause-store.ts";

export function createPauseStore(store: Store): PauseStore {
  const list = (now: number): readonly Pause[] => store.use("read", (database) => listPauses(database, now));
  return {
    pause: (pause) => store.transact("power-cut", (database) => writePause(database, pause)),
    resume: (source, now) => store.transact("power-cut", (database) => deletePause(database, source, now)),
    list,
    find: (source, now) => longest(list(now).filter((pause) => [source, ALL_SOURCES].includes(pause.source))),
  };
}

type PauseRow = Omit<Pause, "until" | "guard"> & {
  readonly until: number | null;
  readonly guard: string | null;
};

function writePause(database: Database, pause: Pause): void {
  database
    .query<unknown, [{ now: number }]>("DELETE FROM pauses WHERE until <= $now")
    .run({ now: pause.since });
  database
    .query<unknown, [PauseRow]>(
      `INSERT OR REPLACE INTO pauses (source, since, until, reason, guard)
       VALUES ($source, $since, $until, $reason, $guard)`,
    )
    .run({ ...pause, until: pause.until ?? null, guard: pause.guard ?? null });
}

function deletePause(database: Database, source: string, now: number): boolean {
  const [deleted] = database
    .query<{ until: number | null }, [{ source: string }]>(
      "DELETE FROM pauses WHERE source = $source RETURNING until",
    )
    .all({ source });
  return deleted !== undefined && (deleted.until === null || deleted.until > now);
}

function listPauses(database: Database, now: number): readonly Pause[] {
  const statement = database.query<PauseRow, [{ now: number }]>(
    `SELECT source, since, until, reason, guard FROM pauses WHERE until IS NULL OR until > $now
     ORDER BY source <> '*', source`,
  );
  return statement.all({ now }).map(({ until, guard, ...row }) => ({
    ...row,
    until: until ?? undefined,
    ...(guard === null ? {} : { guard }),
  }));
}

function longest(pauses: readonly Pause[]): Pause | undefined {
  const end = (pause: Pause): number => pause.until ?? Number.POSITIVE_INFINITY;
  return pauses.reduce<Pause | undefined>(
    (latest, pause) => (latest === undefined || end(pause) > end(latest) ? pause : latest),
    undefined,
  );
}
