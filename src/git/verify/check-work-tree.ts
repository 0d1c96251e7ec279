import { systemCode } from "../../base/errors.ts";
import { MODE, type ObjectReader, type Oid } from "../model.ts";
import { displayPath, toFsPath } from "../paths.ts";
import { hashObject } from "../objects/hash-object.ts";
import { type Conversion, workTreeConversion } from "../worktree/conversion.ts";
import {
  blobSource,
  hashFile,
  LARGE_FILE,
  type OpenFile,
  readAll,
  readLink,
  withFile,
} from "../worktree/file-content.ts";
import type { IndexTable } from "../worktree/index-table.ts";
import type { WorkTreeSettings } from "../worktree/settings.ts";
import { type FileStat, sameStat, statPath } from "../worktree/stat.ts";
import { type Finding, finding, type VerifyInput } from "./verify-result.ts";
import { startWork } from "./work.ts";

export type WorkTreeCheckInput = VerifyInput & {
  readonly root: string;
  readonly gitDirectory: string;
  readonly index: IndexTable;
  readonly objects: ObjectReader;
  readonly settings: WorkTreeSettings;
};

export type WorkTreeCheck = {
  readonly findings: readonly Finding[];
  /** Compared. */
  readonly files: number;
  /** Of these, different in the way that files are which somebody works on; gone ones count, too. */
  readonly changed: number;
};

/**
 * Reads each tracked file whose time and size say that nobody touched it. When its content is another all the same, the
 * disk has changed it, or somebody who set the time back: neither a scan nor `git status` would ever notice.
 */
export async function checkWorkTree(input: WorkTreeCheckInput): Promise<WorkTreeCheck> {
  const { index, root, signal } = input;
  const conversion = workTreeConversion(input);
  let total = 0;
  for (let position = 0; position < index.count; position++) total += index.statAt(position).size;
  const work = startWork(total, "check files", { signal, onProgress: input.onProgress });
  const findings: Finding[] = [];
  let files = 0;
  let changed = 0;
  for (let position = 0; position < index.count; position++) {
    if (!isCompared(index, position)) continue;
    files++;
    const state = compare(input, conversion, position);
    if (state === "changed") changed++;
    if (state === "rotten") findings.push(rotten(index, position));
    if (state === "unreadable") findings.push(unreadable(index, position));
    await work.did(index.statAt(position).size);
  }
  // What vanished with the whole folder is no finding of this kind.
  return statPath(root)?.kind === "directory"
    ? { findings, files, changed }
    : { findings: [], files, changed };
}

type FileState = "same" | "changed" | "rotten" | "unreadable";

/** Not what the person told git to look away from, nor other repositories. */
function isCompared(index: IndexTable, position: number): boolean {
  return !(
    index.modeAt(position) === MODE.submodule ||
    index.isSkipWorktree(position) ||
    index.isAssumeValid(position) ||
    index.isIntentToAdd(position)
  );
}

function compare(input: WorkTreeCheckInput, conversion: Conversion, position: number): FileState {
  const { index, root } = input;
  const path = toFsPath(root, index.pathAt(position));
  try {
    const stat = statPath(path);
    if (stat === undefined || !isSameKind(input, position, stat)) return "changed";
    if (isSameContent(input, conversion, position, stat)) return "same";
    // Also what is as young as the index: its time can not vouch for it.
    if (!isUntouched(index, position, stat)) return "changed";
    // Somebody may have written to it in this moment, or to the index.
    const after = statPath(path);
    return after !== undefined && sameStat(after.data, stat.data) ? "rotten" : "changed";
  } catch (error) {
    const code = systemCode(error) ?? "";
    if (["ENOENT", "ENOTDIR", "ELOOP", "ENXIO", "EINVAL", "EACCES", "EPERM"].includes(code)) return "changed";
    if (code === "EIO") return "unreadable";
    throw error;
  }
}

function isSameKind({ index, settings }: WorkTreeCheckInput, position: number, stat: FileStat): boolean {
  const mode = index.modeAt(position);
  if (mode === MODE.symlink && settings.symlinks) return stat.kind === "symlink";
  if (stat.kind !== "file") return false;
  return !settings.fileMode || stat.isExecutable === (mode === MODE.executable);
}

function isUntouched(index: IndexTable, position: number, stat: FileStat): boolean {
  const known = index.statAt(position);
  return sameStat(known, stat.data) && !index.isRacy(position) && (known.size !== 0 || stat.size === 0);
}

function isSameContent(
  { index, root, signal }: WorkTreeCheckInput,
  conversion: Conversion,
  position: number,
  stat: FileStat,
): boolean {
  const name = index.pathAt(position);
  const path = toFsPath(root, name);
  const oid = index.oidAt(position);
  if (stat.kind === "symlink") return hashObject("blob", readLink(path)) === oid;
  // A program of the person's makes the content of these.
  if (conversion.refusal(name) !== undefined) return true;
  return (
    withFile(path, (file) => {
      const source = blobSource(file, name, conversion);
      if (source.kind === "stream") return hashFile(file, signal) === oid;
      return hashObject("blob", source.bytes) === oid || isOtherwiseSame(file, oid);
    }) ?? false
  );
}

/**
 * The rules for line ends may be younger than the file: as long as nobody touches it, git takes it for unchanged. So
 * both ways of taking it in count.
 */
function isOtherwiseSame(file: OpenFile, oid: Oid): boolean {
  if (file.stat.size > 8 * LARGE_FILE) return false;
  const bytes = readAll(file);
  if (hashObject("blob", bytes) === oid) return true;
  const text = bytes.toString("latin1");
  return hashObject("blob", Buffer.from(text.replaceAll("\r\n", "\n"), "latin1")) === oid;
}

function unreadable(index: IndexTable, position: number): Finding {
  const path = displayPath(index.pathAt(position));
  return finding({
    part: "file",
    gravity: "damage",
    code: "UNREADABLE",
    where: path,
    what: "the disk can not read it (input/output error)",
    meaning: "what was committed of it last is safe",
    mend: "check the disk (dmesg, smartctl); then restore the file: lull restore NAME PATH",
  });
}

function rotten(index: IndexTable, position: number): Finding {
  const path = displayPath(index.pathAt(position));
  return finding({
    part: "file",
    gravity: "damage",
    code: "FILE_CHANGED_UNSEEN",
    where: path,
    what: "its content is not what was committed, though its time and size say that nobody touched it",
    meaning: "the disk has changed it, or a program that set the time back; no sync has noticed",
    mend: `yours to decide: if the file is right, \`touch\` it and the next sync takes it in; if not, restore it`,
    oids: [index.oidAt(position)],
  });
}
