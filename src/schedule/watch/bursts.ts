/**
 * Gathers changes until they are worth a report: when nothing has changed for the quiet period, or after the longest
 * wait. Paths that never rest wait by themselves, so that they neither cause a report nor delay that of the others; a
 * report names all that is pending, since the sync that follows takes it all. Times are monotonic milliseconds.
 */
import { EVERYTHING, Noise } from "./noise.ts";
import { type ChangedPaths, MOST_PATHS, type NoisyPath } from "./watch.ts";

/** What waits together, at one level of noise. */
type Group = { readonly paths: Set<string>; isEverything: boolean; first: number; last: number };

export type Report = {
  readonly paths: ChangedPaths;
  /** When the first of its changes was noted. */
  readonly since: number;
  /** Paths that have become noisy by it. */
  readonly noise: readonly NoisyPath[];
};

export class Bursts {
  readonly #noise: Noise;
  readonly #groups = new Map<number, Group>();

  constructor({ quietMs, maxWaitMs }: { readonly quietMs: number; readonly maxWaitMs: number }) {
    this.#noise = new Noise({ quietMs, waitMs: maxWaitMs });
  }

  /** A path has changed, or anything below it. */
  note(path: string, now: number): void {
    if (path === EVERYTHING) return this.noteAnything(now);
    const level = this.#levelFor(path, now);
    const group = this.#groupAt(level, now);
    if (group.isEverything) return;
    group.paths.add(path);
    if (group.paths.size > MOST_PATHS) this.#nameNoLonger(level, now);
  }

  /** Anything may have changed. */
  noteAnything(now: number): void {
    const group = this.#groupAt(this.#noise.note(EVERYTHING, now), now);
    group.isEverything = true;
    group.paths.clear();
  }

  /** A branch was moved: no path has changed. */
  noteBranch(now: number): void {
    this.#groupAt(0, now);
  }

  /** When a report is due; undefined when nothing is pending. */
  get dueAt(): number | undefined {
    if (this.#groups.size === 0) return undefined;
    return Math.min(...[...this.#groups].map(([level, group]) => this.#dueAt(level, group)));
  }

  /** @returns undefined when nothing is due yet */
  take(now: number): Report | undefined {
    const due = [...this.#groups].filter(([level, group]) => this.#dueAt(level, group) <= now);
    if (due.length === 0) return undefined;
    const causes = due.flatMap(([, { paths, isEverything }]) => (isEverything ? [EVERYTHING] : [...paths]));
    const since = Math.min(...due.map(([, { first }]) => first));
    const all = [...this.#groups.values()];
    const paths = new Set(all.flatMap((group) => [...group.paths]));
    const isEverything = paths.size > MOST_PATHS || all.some((group) => group.isEverything);
    this.clear();
    return { paths: isEverything ? undefined : [...paths], since, noise: this.#noise.strike(causes, now) };
  }

  /** Forgets what is pending. */
  clear(): void {
    this.#groups.clear();
  }

  #levelFor(path: string, now: number): number {
    const level = this.#noise.note(path, now);
    if (level > 0) return level;
    // While floods come again and again, new names are more of the same.
    const many = this.#noise.levelOfMany(now);
    return many > 0 && this.#groups.get(many)?.isEverything === true ? this.#noise.note(EVERYTHING, now) : 0;
  }

  #groupAt(level: number, now: number): Group {
    const known = this.#groups.get(level);
    if (known !== undefined) {
      known.last = now;
      return known;
    }
    const group: Group = { paths: new Set(), isEverything: false, first: now, last: now };
    this.#groups.set(level, group);
    return group;
  }

  /** Too many paths: from now on they count as everything, at the level of that. */
  #nameNoLonger(level: number, now: number): void {
    const { first } = this.#groupAt(level, now);
    this.#groups.delete(level);
    this.noteAnything(now);
    const group = this.#groupAt(this.#noise.levelOfMany(now), now);
    group.first = Math.min(group.first, first);
  }

  #dueAt(level: number, { first, last }: Group): number {
    const { quietMs, waitMs } = this.#noise.delays(level);
    return Math.min(last + quietMs, first + waitMs);
  }
}
