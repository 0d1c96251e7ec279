/**
 * With `mode: two-way`: which files of the home follow what came into the repository. Three versions decide, as when they
 * are gathered: only a file that is as it was gathered last is replaced, and one that was removed here does not come back.
 */
import type { Gathered, GatherRecord } from "./gather-record.ts";
import { type Content, digestOf, readContent } from "./content.ts";
import type { BranchCopy } from "./branch-copies.ts";
import type { Removal } from "./restore.ts";
import type { PlannedFile } from "./restore-plan.ts";

export type IncomingInput = {
  readonly planned: readonly PlannedFile[];
  readonly record: GatherRecord;
  readonly isCovered: (copy: string) => boolean;
  /** What the branch has; undefined: nothing, or nothing that can be read. */
  readonly branch: (copy: string) => Promise<BranchCopy | undefined>;
  /** Whether it has anything, also what can not be read. */
  readonly isThere: (copy: string) => boolean;
  /** Where a copy belongs in the home, and under which name it lay in the repository. */
  readonly placeOf: (copy: string, isSealed: boolean) => Pick<Removal, "path" | "name"> | undefined;
  readonly syncDeletions: boolean;
};

export type Incoming = {
  readonly files: readonly PlannedFile[];
  readonly removals: readonly Removal[];
  /** Some file was edited here since it was gathered: the next gathering sees both versions. */
  readonly isWaiting: boolean;
};

export async function incoming(input: IncomingInput): Promise<Incoming> {
  const files: PlannedFile[] = [];
  for (const file of input.planned) if (await follows(input, file)) files.push(file);
  const isWaiting = input.planned.some((file) => isEdited(input, file));
  return { files, isWaiting, removals: input.syncDeletions ? goneThere(input) : [] };
}

async function follows({ record, isCovered, branch }: IncomingInput, file: PlannedFile): Promise<boolean> {
  if (file.outside || !isCovered(file.copy)) return false;
  const last = record.get(file.copy);
  if (file.is === "same") return last === undefined || (await hasMoved(last, file, branch));
  if (file.is === "only-there") return last === undefined;
  if (file.is !== "different" || last === undefined || !isAsGathered(last, file.here)) return false;
  // Only the permissions are other: this device's were noted right before, so it is another one that changed them.
  const isSameContent = digestOf(file.wanted) === last.digest;
  return isSameContent ? file.here.mode === (last.stamp.mode & 0o7777) : hasMoved(last, file, branch);
}

function isEdited({ record, isCovered }: IncomingInput, file: PlannedFile): boolean {
  const last = record.get(file.copy);
  return (
    file.is === "different" && last !== undefined && isCovered(file.copy) && !isAsGathered(last, file.here)
  );
}

async function hasMoved(
  last: Gathered,
  { copy }: PlannedFile,
  branch: IncomingInput["branch"],
): Promise<boolean> {
  return (await branch(copy))?.copyDigest !== last.copyDigest;
}

function isAsGathered(last: Gathered, here: Content): boolean {
  return digestOf(here) === last.digest;
}

function goneThere({ record, isCovered, isThere, placeOf }: IncomingInput): readonly Removal[] {
  const removals: Removal[] = [];
  for (const [copy, last] of record) {
    if (!isCovered(copy) || isThere(copy)) continue;
    const place = placeOf(copy, last.isSealed);
    const here = place === undefined ? undefined : readContent(place.path);
    if (place === undefined || here === undefined || !isAsGathered(last, here)) continue;
    removals.push({ ...place, copy, isSealed: last.isSealed, here });
  }
  return removals;
}
