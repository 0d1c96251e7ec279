/** What guards wrote down in earlier runs, and what of this run they write down. */
import type { Clock } from "../../base/clock.ts";
import { guardError } from "./guard-error.ts";
import { type GuardMemory, readGuardMemory, type Waiting, writeGuardMemory } from "./guard-memory.ts";
import type { Finding, GuardName } from "./guards.ts";

export type LedgerInput = {
  readonly gitDirectory: string;
  readonly source: string;
  readonly clock: Clock;
  /** Nothing is written. */
  readonly dryRun: boolean;
};

export class GuardLedger {
  readonly #input: LedgerInput;
  /** Read when a guard needs it: a run without changes does not. */
  #memory: GuardMemory | undefined;
  /** The marks of all that is allowed, for the many files of a commit. */
  #allowed: ReadonlySet<string> | undefined;

  constructor(input: LedgerInput) {
    this.#input = input;
  }

  get waiting(): readonly Waiting[] {
    return this.#known().waiting;
  }

  isAllowed({ marks }: { readonly marks: readonly string[] }): boolean {
    const allowed = (this.#allowed ??= new Set(this.#known().allowed.flatMap((one) => one.marks)));
    return marks.every((mark) => allowed.has(mark));
  }

  /**
   * Lets a run go on, or not.
   * @param guards all that had a look now: what they held back before is over
   * @throws LullError kind `guard` for the first finding that nobody has allowed
   */
  decide(findings: readonly Finding[], guards: readonly GuardName[]): void {
    const finding = findings.find(({ mark }) => !this.isAllowed({ marks: [mark] }));
    const others = this.waiting.filter(({ path, guard }) => path !== undefined || !guards.includes(guard));
    if (finding === undefined) {
      if (others.length < this.waiting.length) this.#remember({ waiting: others });
      return;
    }
    const { guard, message, mark } = finding;
    const now = this.#input.clock.now();
    this.#remember({ waiting: [...others, { guard, reason: message, marks: [mark], since: now }] });
    throw guardError(finding, this.#input.source);
  }

  /** What was allowed once has served. */
  useUp(guards: readonly GuardName[]): void {
    const left = this.#known().allowed.filter(({ once, guard }) => !once || !guards.includes(guard));
    if (left.length < this.#known().allowed.length) this.#remember({ allowed: left });
  }

  /** Of single paths; what stops the source stays as it is. */
  writePaths(files: readonly Omit<Waiting, "since">[]): void {
    const before = this.waiting;
    const since = new Map(before.map((one) => [`${one.guard} ${one.path}`, one.since]));
    const now = this.#input.clock.now();
    const waiting = files.map(({ guard, path, reason, marks, seen }): Waiting => {
      return { guard, path, reason, marks, since: since.get(`${guard} ${path}`) ?? now, seen };
    });
    this.#remember({ waiting: [...before.filter(({ path }) => path === undefined), ...waiting] });
  }

  #known(): GuardMemory {
    return (this.#memory ??= readGuardMemory(this.#input.gitDirectory));
  }

  #remember(part: Partial<GuardMemory>): void {
    const before = this.#known();
    const next = { ...before, ...part };
    if (JSON.stringify(next) === JSON.stringify(before)) return;
    this.#memory = next;
    this.#allowed = undefined;
    if (!this.#input.dryRun) writeGuardMemory(this.#input.gitDirectory, next);
  }
}
