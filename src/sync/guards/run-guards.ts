/** The guards of one run: what they see, what they hold back, and what a person has allowed. */
import type { Clock } from "../../base/clock.ts";
import type { RepoSource } from "../../config/config.ts";
import type { Admit, CandidateFile, Repository } from "../../git/git.ts";
import type { FileVersion, Oid, RepoPath } from "../../git/model.ts";
import type { WorkTreeChange, WorkTreeChanges } from "../../git/worktree/changes.ts";
import { allowedDeletions, withAllowance } from "./allowed-deletions.ts";
import { contentDeletions } from "./content-deletions.ts";
import { emptiedFolder } from "./emptied-folder.ts";
import { everythingChanged } from "./everything-changed.ts";
import { filteredFiles } from "./filtered-files.ts";
import { GuardLedger } from "./guard-ledger.ts";
import type { Finding, GuardName } from "./guards.ts";
import { type HeldFile, knownToStayOut, seenAs } from "./known-verdicts.ts";
import { judgeFile } from "./judge-file.ts";
import { incomingDeletion, isMassDeletion, massDeletion } from "./mass-deletion.ts";
import { otherRepository } from "./other-repository.ts";
import { NameWatch } from "./name-watch.ts";

export type RunGuardsInput = {
  readonly source: RepoSource;
  readonly repository: Repository;
  readonly clock: Clock;
  /** Nothing is remembered. */
  readonly dryRun: boolean;
  /** Whether what has become of a path is about to be taken back, so that it is no loss, whatever it is. Left out: nothing is. */
  readonly comesBack?: (path: RepoPath) => boolean;
};

const BEFORE_RUN: readonly GuardName[] = ["repository"];
const BEFORE_COMMIT: readonly GuardName[] = ["emptied", "deletions", "changes", "filter"];
const BEFORE_CHECKOUT: readonly GuardName[] = ["incoming-deletions"];

export class RunGuards {
  readonly #input: RunGuardsInput;
  readonly #ledger: GuardLedger;
  #tracked = 0;
  /** What the present scan found goes, and is too much, and a person has allowed it. */
  #isDeletionAllowed = false;
  /** Of the present scan. */
  #leftOut: HeldFile[] = [];

  constructor(input: RunGuardsInput) {
    this.#input = input;
    const { source, clock, dryRun } = input;
    const { gitDirectory } = input.repository;
    this.#ledger = new GuardLedger({ gitDirectory, source: source.name, clock, dryRun });
  }

  /** What stays out of the commit, or is warned of, as of the last look. */
  get leftOut(): readonly HeldFile[] {
    return this.#leftOut.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  }

  /**
   * Before anything else: is it still the repository that it was?
   * @param known head: the branch's commit; lastTip: that with which the last sync of this source ended, if any did
   * @throws LullError kind `guard`
   */
  beforeRun({ head, lastTip }: { readonly head: Oid | undefined; readonly lastTip: Oid | undefined }): void {
    if (lastTip === undefined || lastTip === head) return;
    const isHere = this.#input.repository.has(lastTip);
    if (isHere) this.#ledger.useUp(BEFORE_RUN);
    this.#ledger.decide(isHere ? [] : [otherRepository(lastTip)], BEFORE_RUN);
  }

  /**
   * Between scan and commit.
   * @throws LullError kind `guard`; nothing was written then but what tripped, for `lull allow`
   */
  beforeCommit(found: WorkTreeChanges, head: Oid | undefined): void {
    this.#tracked = found.tracked;
    const { guards } = this.#input.source;
    const { comesBack = () => false } = this.#input;
    const kinds = byKind(found.changes.filter(({ path }) => !comesBack(path)));
    const filtered = found.skipped.flatMap(({ path, reason }) => (reason === "filter" ? [path] : []));
    const counts = { deleted: kinds.deleted.length, tracked: found.tracked };
    const findings = met([
      emptiedFolder({ ...counts, added: kinds.added.length }),
      this.#massDeletion(kinds, head),
      everythingChanged({ changed: kinds.changed, tracked: found.tracked, limits: guards.changes }),
      filteredFiles(filtered),
    ]);
    // What was before the run is over as well: it came as far as this.
    this.#ledger.decide(findings, [...BEFORE_RUN, ...BEFORE_COMMIT]);
    this.#isDeletionAllowed = findings.some(isAboutDeletions);
  }

  /**
   * Before what a remote has is written here. Returns how many deletions of it are too many and were allowed on the
   * device that made them.
   * @throws LullError kind `guard`
   */
  beforeCheckout(from: Oid | undefined, target: Oid, remote: string): number {
    const { repository, source } = this.#input;
    const limits = source.guards.deletions;
    if (from === undefined || limits === undefined) return 0;
    const deleted = contentDeletions(repository.compare(from, target));
    // Nothing was scanned where the folder's own changes are left to the person.
    const tracked =
      this.#tracked === 0 && deleted.length > 0 ? filesOf(repository, from).size : this.#tracked;
    const facts = { tracked: Math.max(tracked, deleted.length), limits, remote };
    const isMass = isMassDeletion(deleted.length, facts);
    const allowed = isMass ? allowedDeletions(repository, from, target) : new Set();
    const rest = deleted.filter((path) => !allowed.has(path));
    this.#ledger.decide(met([incomingDeletion({ ...facts, deleted: rest })]), BEFORE_CHECKOUT);
    return deleted.length - rest.length;
  }

  /** The commit's message: an allowed mass deletion says so. */
  signOff(message: string): string {
    return this.#isDeletionAllowed ? withAllowance(message) : message;
  }

  /** For the commit: judges each file by the bytes that are about to be stored. */
  judge(changes: readonly WorkTreeChange[], head: Oid | undefined): Admit {
    const { source, repository, clock } = this.#input;
    const { guards } = source;
    const found: HeldFile[] = [];
    this.#leftOut = found;
    const names = new NameWatch(guards.names, repository, changes);
    // Of the last commit, not of the index, in which the person may have staged what is looked for.
    const committed = lazy(() => filesOf(repository, head));
    const moved = lazy(() => movedContents(committed(), changes));
    return (file: CandidateFile): boolean => {
      const warned = names.look(file.path);
      if (warned !== undefined && !this.#ledger.isAllowed(warned)) {
        found.push(warned);
        if (guards.names === "leave-out") return false;
      }
      const finding = judgeFile(file, guards, {
        isAllowed: (mark) => this.#ledger.isAllowed({ marks: [mark] }),
        committed: () => committed().get(file.path),
        readBlob: (oid) => repository.readBlob(oid),
        wasThere: (oid) => moved().size > 0 && moved().has(oid()),
      });
      if (finding === undefined) return true;
      found.push({ ...finding, seen: seenAs({ repository, guards }, file.path, clock.now()) });
      return false;
    };
  }

  /**
   * After `judge`: the changes without those of which it is known that they stay out, because nothing about them is new.
   * They need not be read again.
   */
  toJudge(changes: readonly WorkTreeChange[]): readonly WorkTreeChange[] {
    if (changes.length === 0) return changes;
    const { repository, source } = this.#input;
    const input = { repository, guards: source.guards };
    const known = knownToStayOut(input, this.#ledger.waiting, changes, { trustYoung: false });
    if (known.length === 0) return changes;
    this.#leftOut.push(...known);
    const paths = new Set(known.map(({ path }) => path));
    return changes.filter(({ path }) => !paths.has(path));
  }

  /** Paths that did not get into the commit; the others of `leftOut` are warned of only. */
  get heldBack(): ReadonlySet<RepoPath> {
    const isWarning = this.#input.source.guards.names !== "leave-out";
    const held = this.#leftOut.filter(({ guard }) => !(isWarning && isAboutNames(guard)));
    return new Set(held.map(({ path }) => path));
  }

  /** The commit stands: what was allowed once for it is used up, and what was left out is written down. */
  committed(): void {
    this.#ledger.useUp(BEFORE_COMMIT);
    this.#ledger.writePaths(this.leftOut);
  }

  /** What was left out at a path is at another one now. */
  setAside(path: RepoPath, copy: RepoPath): void {
    const isOf = (mark: string): boolean => mark.endsWith(`:${path}`);
    this.#leftOut = this.#leftOut.map((one) => {
      if (one.path !== path) return one;
      const marks = one.marks.map((mark) => (isOf(mark) ? mark.slice(0, -path.length) + copy : mark));
      return { ...one, path: copy, marks, seen: undefined };
    });
    this.#ledger.writePaths(this.leftOut);
  }

  checkedOut(): void {
    this.#ledger.useUp(BEFORE_CHECKOUT);
  }

  #massDeletion({ deleted, added }: Kinds, head: Oid | undefined): Finding | undefined {
    const { repository, source } = this.#input;
    const limits = source.guards.deletions;
    const rough = { tracked: this.#tracked, limits };
    if (head === undefined || !isMassDeletion(deleted.length, rough)) return undefined;
    // Few folders are renamed so often that the hashing of what came would matter; it is done only here.
    const before = filesOf(repository, head);
    const present = new Set(added.map((path) => repository.workVersion(path)?.oid));
    const gone = deleted.filter((path) => !present.has(before.get(path)?.oid));
    return massDeletion({ deleted: gone, tracked: before.size, limits });
  }
}

type Kinds = {
  readonly added: readonly RepoPath[];
  readonly deleted: readonly RepoPath[];
  readonly changed: readonly RepoPath[];
};

function byKind(changes: readonly WorkTreeChange[]): Kinds {
  const of = (test: (kind: WorkTreeChange["kind"]) => boolean): readonly RepoPath[] =>
    changes.flatMap(({ path, kind }) => (test(kind) ? [path] : []));
  return {
    added: of((kind) => kind === "added"),
    deleted: of((kind) => kind === "deleted"),
    changed: of((kind) => kind !== "added" && kind !== "deleted"),
  };
}

function filesOf(repository: Repository, commit: Oid | undefined): ReadonlyMap<RepoPath, FileVersion> {
  const files = commit === undefined ? [] : repository.compare(undefined, commit);
  return new Map(files.flatMap(({ path, after }) => (after === undefined ? [] : [[path, after] as const])));
}

/** What a move brings to a new name is nothing new. */
function movedContents(
  committed: ReadonlyMap<RepoPath, FileVersion>,
  changes: readonly WorkTreeChange[],
): ReadonlySet<Oid> {
  const gone = changes.filter(({ kind }) => kind === "deleted");
  return new Set(gone.flatMap(({ path }) => committed.get(path)?.oid ?? []));
}

function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

function isAboutDeletions({ guard }: Finding): boolean {
  return guard === "deletions" || guard === "emptied";
}

function isAboutNames(guard: GuardName): boolean {
  return guard === "name" || guard === "name-twin";
}

function met(findings: readonly (Finding | undefined)[]): readonly Finding[] {
  return findings.filter((finding) => finding !== undefined);
}
