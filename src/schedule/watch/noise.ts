/**
 * Which paths never rest, and how long their changes may wait for that. Each report that a path causes is a strike; a
 * rest takes one back. Ten strikes are free, each one beyond doubles the path's quiet period and its longest wait, but
 * never beyond a twentieth of the time for which it has not rested. So a log ends up at one report an hour within a day,
 * and who has written at one text for an hour without a pause of two minutes waits three minutes for its last words.
 */
import type { NoisyPath } from "./watch.ts";

/** Reports without a rest between that every path may cause. */
const FREE_STRIKES = 10;
/** As much for a folder in which ever new names appear, such as a cache: people work on many files of one folder. */
const FREE_FOLDER_STRIKES = 30;
const LONGEST_WAIT_MS = 3_600_000;
/** What a path may wait of the time for which it has not rested. */
const SHARE_OF_STREAK = 1 / 20;
/** A path that does not change for so long gets a strike back; one that is slowed has to rest longer. */
const REST_MS = 120_000;
/** What counts as a rest of a path that waits for a quiet period itself, in quiet periods. */
const QUIET_PERIODS_OF_REST = 4;
/** From here on people are told: eightfold. Below, somebody may just be at work. */
const TOLD_LEVEL = 3;
/** Paths to remember for one source. */
const MOST_RECORDS = 300;
/** A report of more paths than that says nothing about each. */
const MOST_STRUCK = 100;

/** Stands for the whole source when too much changes to name it. */
export const EVERYTHING = "";

type Record = {
  strikes: number;
  /** Its last change. */
  lastAt: number;
  /** The first change after its last rest. */
  streakSince: number;
  isTold: boolean;
};

export type Delays = { readonly quietMs: number; readonly waitMs: number };

export class Noise {
  readonly #normal: Delays;
  /** From there on nothing gets slower. */
  readonly #lastLevel: number;
  readonly #records = new Map<string, Record>();

  constructor(normal: Delays) {
    this.#normal = normal;
    this.#lastLevel = Math.max(0, Math.ceil(Math.log2(LONGEST_WAIT_MS / Math.max(1, normal.quietMs))));
  }

  /** How long changes wait at a level; 0 is the normal one. */
  delays(level: number): Delays {
    const slower = (ms: number): number => Math.max(ms, Math.min(ms * 2 ** level, LONGEST_WAIT_MS));
    return { quietMs: slower(this.#normal.quietMs), waitMs: slower(this.#normal.waitMs) };
  }

  /** A path has changed. Returns its level. */
  note(path: string, now: number): number {
    const own = this.#records.get(path);
    const level = own === undefined ? 0 : this.#touch(path, own, now);
    if (own !== undefined || path === EVERYTHING) return level;
    // A new name in a folder that makes ever new names.
    const folder = folderKey(path);
    const record = this.#records.get(folder);
    return record === undefined ? 0 : this.#touch(folder, record, now);
  }

  /** The level of changes that are too many to name. */
  levelOfMany(now: number): number {
    const record = this.#records.get(EVERYTHING);
    if (record === undefined) return 0;
    return this.#levelOf(EVERYTHING, { ...record, ...rested(EVERYTHING, record, now, this) }, now);
  }

  /** A report was made because of these paths. Returns those that have become noisy. */
  strike(paths: readonly string[], now: number): readonly NoisyPath[] {
    const struck = new Set(paths.length > MOST_STRUCK ? [EVERYTHING] : []);
    for (const path of paths) {
      const isKnown = this.#records.has(path);
      if (isKnown || paths.length <= MOST_STRUCK) struck.add(path);
      if (!isKnown && path !== EVERYTHING) struck.add(folderKey(path));
    }
    const told = [...struck].map((key) => this.#strikeOne(key, now)).filter((noisy) => noisy !== undefined);
    this.#forgetSome(now);
    return told;
  }

  #touch(key: string, record: Record, now: number): number {
    const { quietMs } = this.delays(this.#levelOf(key, record, record.lastAt));
    // A path that changes because it was reported (a sync's own log) must not take its slowness for a rest.
    const rest = Math.max(REST_MS, quietMs * QUIET_PERIODS_OF_REST);
    const streakSince = now - record.lastAt >= rest ? now : record.streakSince;
    Object.assign(record, rested(key, record, now, this), { lastAt: now, streakSince });
    return this.#levelOf(key, record, now);
  }

  #levelOf(key: string, { strikes, streakSince }: Record, now: number): number {
    const share = ((now - streakSince) * SHARE_OF_STREAK) / Math.max(1, this.#normal.quietMs);
    return Math.min(levelOf(key, strikes), Math.max(0, Math.floor(Math.log2(Math.max(1, share)))));
  }

  #strikeOne(key: string, now: number): NoisyPath | undefined {
    const known = this.#records.get(key);
    const record = known ?? { strikes: 0, lastAt: now, streakSince: now, isTold: false };
    if (known !== undefined) this.#touch(key, known, now);
    record.strikes = Math.min(record.strikes + 1, freeStrikes(key) + this.#lastLevel);
    this.#records.delete(key);
    this.#records.set(key, record);
    const level = this.#levelOf(key, record, now);
    if (level < TOLD_LEVEL || record.isTold) return undefined;
    record.isTold = true;
    return { path: key, everyMs: this.delays(level).waitMs };
  }

  /** First those that have rested, then those that were struck longest ago. */
  #forgetSome(now: number): void {
    if (this.#records.size <= MOST_RECORDS) return;
    for (const [key, record] of this.#records)
      if (rested(key, record, now, this).strikes === 0) this.#records.delete(key);
    for (const key of this.#records.keys()) {
      if (this.#records.size <= MOST_RECORDS) return;
      this.#records.delete(key);
    }
  }
}

/** What a record has come to by rest alone. */
function rested(key: string, record: Record, now: number, noise: Noise): Pick<Record, "strikes" | "isTold"> {
  let { strikes } = record;
  let left = now - record.lastAt;
  for (; strikes > 0; strikes--) {
    const { quietMs } = noise.delays(levelOf(key, strikes));
    const rest = Math.max(REST_MS, quietMs * QUIET_PERIODS_OF_REST);
    if (left < rest) break;
    left -= rest;
  }
  return { strikes, isTold: record.isTold && levelOf(key, strikes) > 0 };
}

function levelOf(key: string, strikes: number): number {
  return Math.max(0, strikes - freeStrikes(key));
}

function freeStrikes(key: string): number {
  return key.endsWith("/") ? FREE_FOLDER_STRIKES : FREE_STRIKES;
}

/** `a/b` → `a/`, `a` → `/`; no path ends so. */
function folderKey(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1) || "/";
}
