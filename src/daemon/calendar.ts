/** The schedules of all sources while the daemon runs: which are due, when to look again, what is known of past runs. */
import type { Clock } from "../base/clock.ts";
import { type JobFacts, type JobRequest } from "../queue/job.ts";
import { describeSchedule } from "../schedule/describe-schedule.ts";
import { planSchedules } from "../schedule/plan-schedules.ts";
import type { DueSchedule } from "../schedule/plan-schedules.ts";
import type { LastRuns, RunStore } from "../store/run-store.ts";
import type { ScheduleRow, ScheduleStore } from "../store/schedule-store.ts";
import { factsOf } from "./facts.ts";
import type { KnownSource } from "./known-source.ts";
import type { Tell, Told } from "../app/story.ts";

export type CalendarDeps = {
  readonly clock: Clock;
  readonly schedules: ScheduleStore;
  readonly runs: Pick<RunStore, "last">;
  readonly tell: Tell;
};

type Sources = ReadonlyMap<string, KnownSource>;

export class Calendar {
  readonly #deps: CalendarDeps;
  #device = "";
  #rows: readonly ScheduleRow[] = [];
  #isStarting = true;
  #isStoreNew = false;
  #wakeAt: number | undefined;
  /** When the newest run that did not fail began. Asked for once, and again when it counts. */
  readonly #lastRuns = new Map<string, LastRuns>();

  constructor(deps: CalendarDeps) {
    this.#deps = deps;
  }

  start(sources: Sources, device: string): void {
    this.#rows = this.#deps.schedules.list();
    this.follow(sources, device);
  }

  /** The config changed. */
  follow(sources: Sources, device: string): void {
    this.#device = device;
    for (const name of this.#lastRuns.keys()) if (!sources.has(name)) this.#lastRuns.delete(name);
  }

  /** The database is another one: it is told everything again. */
  storeIsNew(): void {
    this.#isStoreNew = true;
    this.#lastRuns.clear();
  }

  /** A run of a source has ended, or one by another process may have. */
  forgetRuns(source: string): void {
    this.#lastRuns.delete(source);
  }

  /**
   * Finds what is due now and notes it down in one transaction with its requests, so that a crash neither forgets nor
   * repeats it. Returns what is to be told; the first time also by what each source is due.
   */
  plan(sources: Sources, request: (requests: readonly JobRequest[]) => void): readonly Told[] {
    const { clock, schedules } = this.#deps;
    const now = clock.now();
    this.#refresh(now);
    const plan = planSchedules({
      now,
      starting: this.#isStarting,
      device: this.#device,
      sources: [...sources.values()].map(({ source, schedules: own }) => ({
        name: source.name,
        schedules: own,
        lastRunAt: this.#last(source.name).newestGood?.startedAt,
      })),
      rows: this.#rows,
    });
    const requests = plan.due.map((due) => requestOf(due, { now, sources, facts: this.factsOf(due.source) }));
    const { lost } = plan.changes;
    const saved = this.#isStoreNew ? plan.rows : plan.changes.saved;
    if (saved.length + lost.length + requests.length > 0)
      schedules.save({ saved, lost }, () => request(requests));
    const isFirst = this.#isStarting;
    this.#isStarting = false;
    this.#isStoreNew = false;
    this.#rows = plan.rows;
    this.#wakeAt = plan.wakeAt;
    return [
      ...(isFirst ? this.#planned(sources) : []),
      ...plan.due.map(({ source, cause, dueSince, notBefore }) => {
        return { kind: "due", source, cause, dueSince, notBefore } as const;
      }),
      ...plan.skipped.map(
        ({ source, missedAt, nextAt }) => ({ kind: "missed", source, missedAt, nextAt }) as const,
      ),
      ...(isFirst ? [] : this.#moved(saved)),
    ];
  }

  /** When the next one is due, or the clock has to be looked at; undefined: no schedule waits for a time. */
  get wakeAt(): number | undefined {
    return this.#wakeAt;
  }

  nextAt(source: string): number | undefined {
    const times = this.#rows.filter((row) => row.source === source).flatMap(({ nextAt }) => nextAt ?? []);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Wall time at which the last sync ended, by whom ever it was asked for: read anew. */
  lastRunAt(source: string): number | undefined {
    this.forgetRuns(source);
    const { newest } = this.#last(source);
    return newest === undefined ? undefined : newest.startedAt + newest.durationMs;
  }

  factsOf(source: string): JobFacts {
    return factsOf(this.#last(source), this.#deps.clock.now());
  }

  #moved(saved: readonly ScheduleRow[]): readonly Told[] {
    const sources = new Set(saved.map(({ source }) => source));
    return [...sources].map((source) => ({ kind: "next", source, nextAt: this.nextAt(source) }));
  }

  /** By what these sources are due from now on. */
  tellPlan(sources: Sources, names: ReadonlySet<string>): void {
    const changed = new Map([...sources].filter(([name]) => names.has(name)));
    for (const event of this.#planned(changed)) this.#deps.tell(event);
  }

  #planned(sources: Sources): readonly Told[] {
    return [...sources].map(([name, { schedules, source }]) => ({
      kind: "planned",
      source: name,
      schedules: schedules.filter(({ kind }) => kind !== "manual").map(describeSchedule),
      watched: source.watch !== undefined,
      nextAt: this.nextAt(name),
    }));
  }

  /** An interval counts from the last run, also from one that a person started in a terminal. */
  #refresh(now: number): void {
    for (const { source, nextAt } of this.#rows) {
      if (nextAt !== undefined && nextAt <= now) this.forgetRuns(source);
    }
  }

  #last(source: string): LastRuns {
    let known = this.#lastRuns.get(source);
    if (known === undefined) {
      known = this.#deps.runs.last(source);
      this.#lastRuns.set(source, known);
    }
    return known;
  }
}

function requestOf(
  due: DueSchedule,
  about: { readonly now: number; readonly sources: Sources; readonly facts: JobFacts },
): JobRequest {
  return {
    source: due.source,
    cause: due.cause,
    at: about.now,
    dueSince: due.dueSince,
    notBefore: due.notBefore,
    host: about.sources.get(due.source)?.host,
    hints: undefined,
    facts: about.facts,
  };
}
