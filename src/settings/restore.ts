/**
 * Carries a plan out: everything that is about to be replaced is kept in a savepoint first, then file by file; what
 * changed since the plan was made stays.
 */
import type { Repository, Savepoint } from "../git/git.ts";
import { displayPath, repoPath } from "../git/paths.ts";
import { MODE, type Oid, type RepoPath, type Signature } from "../git/model.ts";
import type { Clock } from "../base/clock.ts";
import { LullError } from "../base/errors.ts";
import type { BranchCopy } from "./branch-copies.ts";
import { type Cipher, withoutSeal } from "./cipher.ts";
import { type Content, digestOf, isYoung, readContent } from "./content.ts";
import type { FileStamp } from "./find-files.ts";
import type { Gathered, GatherRecord } from "./gather-record.ts";
import { type Modes, MODES_FILE, modesText } from "./modes-file.ts";
import { putBack, type PutBackPlace, takeOut } from "./put-back.ts";
import type { PlannedFile, Wanted } from "./restore-plan.ts";

export type RestoreInput = {
  readonly repository: Repository;
  /** The commit that the files come from. */
  readonly commit: Oid;
  /** Permissions that it notes. */
  readonly modes: Modes;
  readonly source: string;
  /** What is done, for the savepoint's list: `a restore`. */
  readonly before: string;
  readonly files: readonly PlannedFile[];
  /** Files that go, by what stands there now. */
  readonly removals: readonly Removal[];
  readonly place: PutBackPlace;
  /** Encrypted files are kept encrypted. */
  readonly cipher: Cipher | undefined;
  readonly author: Signature;
  readonly clock: Clock;
  readonly signal: AbortSignal;
};

export type Removal = {
  readonly path: string;
  readonly copy: string;
  readonly name: RepoPath;
  readonly isSealed: boolean;
  readonly here: Content;
};

export type Restored = {
  readonly savepoint: Savepoint | undefined;
  /** Home paths. */
  readonly written: readonly string[];
  readonly removed: readonly string[];
  /** What changed meanwhile, or could not be written. */
  readonly left: readonly { readonly path: string; readonly reason: string }[];
  /** Of each file that is now as the repository has it. */
  readonly inStep: ReadonlyMap<string, Pick<Gathered, "stamp" | "digest" | "isYoung">>;
};

type Writable = Extract<PlannedFile, { readonly is: "only-there" | "different" }>;

export async function restore(input: RestoreInput): Promise<Restored> {
  const files = input.files.filter(
    (file): file is Writable => file.is === "only-there" || file.is === "different",
  );
  const written: string[] = [];
  const removed: string[] = [];
  const left: { path: string; reason: string }[] = [];
  const inStep = new Map<string, Pick<Gathered, "stamp" | "digest" | "isYoung">>();
  for (const file of input.files)
    if (file.is === "same") inStep.set(file.copy, standing(file.wanted, file.here.stamp, input.clock));
  if (files.length + input.removals.length === 0)
    return { savepoint: undefined, written, removed, left, inStep };
  const savepoint = await keepWhatIsThere(input, files);
  const attempt = (path: string, work: () => boolean): boolean => {
    input.signal.throwIfAborted();
    try {
      if (work()) return true;
      left.push({ path, reason: "it changed meanwhile" });
    } catch (error) {
      if (!(error instanceof LullError) || error.kind === "interrupted" || DISK_FAULTS.has(error.code))
        throw error;
      left.push({ path, reason: error.message });
    }
    return false;
  };
  // First what goes: a folder may come where a file was.
  for (const { path, here } of input.removals)
    if (attempt(path, () => takeOut(input.place, path, here))) removed.push(path);
  for (const { path, copy, wanted, here } of files) {
    if (!attempt(path, () => putBack(input.place, path, { wanted, expected: here }))) continue;
    written.push(path);
    const now = readContent(path);
    if (now !== undefined) inStep.set(copy, standing(wanted, now.stamp, input.clock));
  }
  return { savepoint, written, removed, left, inStep };
}

function standing(
  wanted: Wanted,
  stamp: FileStamp,
  clock: Clock,
): Pick<Gathered, "stamp" | "digest" | "isYoung"> {
  return { stamp, digest: digestOf(wanted), isYoung: isYoung(stamp, clock.now()) };
}

async function keepWhatIsThere(input: RestoreInput, files: readonly Writable[]): Promise<Savepoint> {
  const { repository, commit, source, before, cipher, author } = input;
  const versions = new Map<RepoPath, { mode: KeptMode; bytes: Uint8Array } | undefined>();
  for (const { name, here, isSealed } of [...files, ...input.removals]) {
    if (here === undefined) versions.set(name, undefined);
    else {
      const bytes = isSealed && cipher !== undefined ? await cipher.encrypt(here.bytes) : here.bytes;
      versions.set(name, { mode: modeOf(here), bytes });
    }
  }
  versions.set(repoPath(MODES_FILE), {
    mode: MODE.file,
    bytes: Buffer.from(modesText(modesNow(input, files))),
  });
  return repository.keepVersions({ note: { source, before }, base: commit, versions, author });
}

/** As they were noted, but of what is about to be replaced as they are. */
function modesNow({ modes, removals }: RestoreInput, files: readonly Writable[]): Modes {
  const now = new Map(modes);
  for (const { name, here } of [...files, ...removals]) {
    const key = withoutSeal(displayPath(name));
    if (here === undefined || here.isLink) now.delete(key);
    else now.set(key, here.mode & 0o777);
  }
  return now;
}

type KeptMode = typeof MODE.file | typeof MODE.executable | typeof MODE.symlink;

function modeOf({ isLink, mode }: Content): KeptMode {
  if (isLink) return MODE.symlink;
  return (mode & 0o100) === 0 ? MODE.file : MODE.executable;
}

const DISK_FAULTS = new Set(["ENOSPC", "EDQUOT", "EROFS", "EIO", "EMFILE", "ENFILE"]);

/**
 * For the next gathering. A file that is as the branch has it is in step; one that came from elsewhere counts as edited
 * here, so that it is brought into the branch.
 */
export async function recordAfter(
  record: GatherRecord,
  { inStep }: Pick<Restored, "inStep">,
  branch: (copy: string) => Promise<BranchCopy | undefined>,
): Promise<GatherRecord> {
  const next = new Map(record);
  for (const [copy, { stamp, digest, isYoung: young }] of inStep) {
    const there = await branch(copy);
    if (there === undefined) continue;
    next.set(copy, { ...there, stamp: there.digest === digest ? stamp : NO_STAMP, isYoung: young });
  }
  return next;
}

/** Of no file: whatever is compared with it has changed. */
export const NO_STAMP: FileStamp = { size: -1, mtimeMs: 0, ctimeMs: 0, ino: 0, mode: 0 };
