/** Sources that are due and wait for a good moment: judged with one set of readings, looked at again in time. */
import { isFarHost } from "../app/run-end.ts";
import { waitsSince } from "../app/waits-since.ts";
import type { Clock } from "../base/clock.ts";
import { judge } from "../conditions/judge.ts";
import type { Verdict } from "../conditions/conditions.ts";
import { neededReadings } from "../conditions/needed-readings.ts";
import { readingsOfTick, type ReadingsOfTick } from "../conditions/take-readings.ts";
import type { MachineReaders } from "../platform/readings/readings.ts";
import type { Job, JobWait } from "../queue/job.ts";
import type { Pause } from "../store/pause-store.ts";
import type { KnownSource } from "./known-source.ts";

export type GateDeps = {
  readonly clock: Clock;
  readonly readers: MachineReaders;
  readonly pauseOf: (source: string, now: number) => Pause | undefined;
  /** Wall time at which its last sync ended, whoever asked for it. */
  readonly lastRunAt: (source: string) => number | undefined;
  /** Told on each change, and when the first look finds no network. */
  readonly onNetwork: (online: boolean) => void;
};

export type Answer =
  | Extract<Verdict, { readonly kind: "go" }>
  | {
      readonly kind: "wait";
      readonly waits: readonly JobWait[];
      readonly latestAt: number | undefined;
      readonly recheckAt: number;
    };

type WaitingJob = {
  readonly known: KnownSource;
  readonly job: Job;
  recheckAt: number;
  /** What it waits for, for telling news from what was told. */
  conditions: string;
};

/** After sleep a network comes up in steps: link, address, names. A sync before that only fails. */
const SETTLE_MS = 10_000;

/** A pause without an end is ended by `resume`, which wakes the daemon. */
const FAR_MS = 24 * 3_600_000;

const AT_ONCE = { kind: "go", despite: [], overdue: false, assumed: [] } as const satisfies Answer;

export class Gate {
  readonly #deps: GateDeps;
  #online = true;
  readonly #waiting = new Map<string, WaitingJob>();
  #readings: ReadingsOfTick | undefined;
  #settlesAt = Number.NEGATIVE_INFINITY;

  constructor(deps: GateDeps) {
    this.#deps = deps;
  }

  /** The readings of one turn are taken once; the next turn takes its own. */
  beginTurn(): void {
    this.#readings = undefined;
  }

  /** The machine woke up, or the network came back. */
  settle(): void {
    this.#settlesAt = this.#deps.clock.now() + SETTLE_MS;
  }

  /** May this job start now? A job that a person asked for may always. */
  async ask(
    job: Job,
    known: KnownSource,
    signal: AbortSignal,
  ): Promise<Answer & { readonly isNews: boolean }> {
    const answer = job.cause === "person" ? AT_ONCE : await this.#judge(job, known, signal);
    const before = this.#waiting.get(job.source)?.conditions;
    if (answer.kind === "go") {
      this.#waiting.delete(job.source);
      return { ...answer, isNews: false };
    }
    const conditions = conditionsOf(answer);
    this.#waiting.set(job.source, { known, job, recheckAt: answer.recheckAt, conditions });
    return { ...answer, isNews: conditions !== before };
  }

  /** Judges those anew whose time has come; returns the ones that need not wait any more. */
  async recheck(signal: AbortSignal): Promise<readonly string[]> {
    const now = this.#deps.clock.now();
    const free: string[] = [];
    for (const waiting of [...this.#waiting.values()].filter(({ recheckAt }) => recheckAt <= now)) {
      const answer = await this.#judge(waiting.job, waiting.known, signal);
      if (answer.kind === "wait") waiting.recheckAt = answer.recheckAt;
      else free.push(waiting.job.source);
    }
    for (const source of free) this.#waiting.delete(source);
    return free;
  }

  /** Everything is judged anew in the next turn: a pause or the config changed, the machine woke up. */
  recheckAll(): void {
    for (const waiting of this.#waiting.values()) waiting.recheckAt = Number.NEGATIVE_INFINITY;
  }

  forget(source: string): void {
    this.#waiting.delete(source);
  }

  /** When the next of them is to be looked at; undefined: none waits. */
  get recheckAt(): number | undefined {
    const times = [...this.#waiting.values()].map(({ recheckAt }) => recheckAt);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  async #judge(job: Job, { source, host }: KnownSource, signal: AbortSignal): Promise<Answer> {
    const { clock, readers } = this.#deps;
    const now = clock.now();
    const pause = this.#deps.pauseOf(source.name, now);
    if (pause !== undefined) return pausedUntil(pause, now);
    const needsNetwork = isFarHost(host);
    if (needsNetwork && now < this.#settlesAt) return settling(this.#settlesAt);
    this.#readings ??= readingsOfTick(readers, signal);
    const directory = source.directory ?? "/";
    const { when } = source;
    const needed = neededReadings({ when, needsNetwork });
    const readings = await this.#readings.take({ needed, path: directory });
    if (
      readings.network?.kind === "known" &&
      this.#noteNetwork(readings.network.value.online) &&
      needsNetwork
    ) {
      return settling(this.#settlesAt);
    }
    const lastRunAt = when.minGapMs === undefined ? undefined : this.#deps.lastRunAt(source.name);
    const verdict = judge({
      when,
      needsNetwork,
      readings,
      clock,
      dueSince: waitsSince(job),
      lastRunAt,
    });
    if (verdict.kind === "go") return verdict;
    const { reasons, latestAt, recheckAt } = verdict;
    return {
      kind: "wait",
      waits: reasons.map(({ condition, words }) => ({ condition, text: words })),
      latestAt,
      recheckAt,
    };
  }

  /** Returns whether it has just come back. */
  #noteNetwork(online: boolean): boolean {
    if (online === this.#online) return false;
    this.#online = online;
    if (online) this.settle();
    this.#deps.onNetwork(online);
    return online;
  }
}

function conditionsOf({ waits }: Extract<Answer, { readonly kind: "wait" }>): string {
  return waits.map(({ condition }) => condition).join(" ");
}

function pausedUntil({ until, reason }: Pause, now: number): Answer {
  const text = reason.startsWith("paused") ? reason : `paused: ${reason}`;
  return {
    kind: "wait",
    waits: [{ condition: "paused", text }],
    latestAt: undefined,
    recheckAt: until ?? now + FAR_MS,
  };
}

function settling(until: number): Answer {
  const text = "the network settles after sleep";
  return { kind: "wait", waits: [{ condition: "online", text }], latestAt: undefined, recheckAt: until };
}
