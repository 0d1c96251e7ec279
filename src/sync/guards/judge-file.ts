import type { GuardsConfig } from "../../config/config.ts";
import type { CandidateFile } from "../../git/git.ts";
import type { FileVersion, Oid } from "../../git/model.ts";
import { fileSize } from "./file-size.ts";
import { findSecrets, LARGEST_SEARCHED, secretsIn } from "./find-secrets.ts";
import type { LeftOut } from "./guards.ts";
import { keyFile } from "./key-files.ts";

export type Judging = {
  readonly isAllowed: (mark: string) => boolean;
  /** What the last commit has at this path. */
  readonly committed: () => FileVersion | undefined;
  readonly readBlob: (oid: Oid) => Uint8Array;
  /** Whether the last commit has this content at a path that goes now. */
  readonly wasThere: (oid: () => Oid) => boolean;
};

/** Returns why a file stays out of the commit. Only what is new trips: a history that has it already gains nothing. */
export function judgeFile(file: CandidateFile, guards: GuardsConfig, judging: Judging): LeftOut | undefined {
  const finding = sizeOrName(file, guards, judging) ?? (guards.secrets ? secret(file, judging) : undefined);
  if (finding === undefined || judging.wasThere(file.oid)) return undefined;
  return finding;
}

function sizeOrName(file: CandidateFile, guards: GuardsConfig, judging: Judging): LeftOut | undefined {
  const tooLarge = fileSize(file, guards.fileSize);
  const key = guards.secrets ? keyFile(file.path) : undefined;
  return [tooLarge, key]
    .filter((one) => one !== undefined)
    .filter(({ guard }) => guard !== "key-file" || judging.committed() === undefined)
    .find(({ marks }) => !marks.every(judging.isAllowed));
}

function secret({ path, bytes }: CandidateFile, judging: Judging): LeftOut | undefined {
  if (bytes === undefined) return undefined;
  const found = findSecrets(path, bytes);
  const fresh = found.filter(({ mark }) => !judging.isAllowed(mark));
  if (fresh.length === 0) return undefined;
  const before = judging.committed();
  return secretsIn(path, fresh, before === undefined ? new Set() : secretsOf(path, before.oid, judging));
}

function secretsOf(path: string, oid: Oid, { readBlob }: Judging): ReadonlySet<string> {
  const bytes = readBlob(oid);
  return new Set(bytes.length > LARGEST_SEARCHED ? [] : findSecrets(path, bytes).map(({ mark }) => mark));
}
