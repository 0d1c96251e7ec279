/** What stands at a path of the work tree at this moment, without following any link. Looks, never writes. */
import { fromSystem, systemCode } from "../../base/errors.ts";
import type { Oid, RepoPath } from "../model.ts";
import { hashObject } from "../objects/hash-object.ts";
import { displayPath, parentPath, toFsPath } from "../paths.ts";
import type { Conversion } from "../worktree/conversion.ts";
import { hashFile, LARGE_FILE, readAll, readLink, withFile } from "../worktree/file-content.ts";
import type { IndexTable } from "../worktree/index-table.ts";
import type { FileStat } from "../worktree/stat.ts";
import { sameStat, statHandle, statPath } from "../worktree/stat.ts";
import { FolderStates } from "./folder-states.ts";

export type Present =
  | { readonly kind: "missing" }
  /** A folder above is no folder: a file, or a link that would lead elsewhere. */
  | { readonly kind: "obstructed"; readonly by: RepoPath }
  | { readonly kind: "directory" }
  /** FIFO, socket, device; or a file that could not be read, or that changed while it was. */
  | { readonly kind: "unknown"; readonly why: string }
  | {
      readonly kind: "file" | "symlink";
      /** Every name that its content has as an object: as it is, and with line ends converted. */
      readonly oids: readonly Oid[];
      readonly stat: FileStat;
    };

export type LookInput = {
  readonly root: string;
  readonly index: IndexTable;
  /** How content came in so far, and how it will go out: an interrupted checkout may have left either. */
  readonly conversions: readonly Conversion[];
  readonly signal: AbortSignal | undefined;
};

/**
 * @param folders what is known of the folders above; left out: each is looked at now
 * @throws LullError for failing disks; what cannot be read for lack of rights is `unknown`
 */
export function lookAt(
  input: LookInput,
  path: RepoPath,
  folders: FolderStates = new FolderStates(input.root),
): Present {
  try {
    const above = folders.at(parentPath(path)).state;
    if (above.kind !== "folder") return above;
    const fsPath = toFsPath(input.root, path);
    const stat = statPath(fsPath);
    if (stat === undefined) return { kind: "missing" };
    if (stat.kind === "directory") return { kind: "directory" };
    if (stat.kind === "symlink") return lookAtLink(fsPath, stat);
    return stat.kind === "file"
      ? lookAtFile(input, path, stat)
      : { kind: "unknown", why: `a ${stat.kind} is in the way` };
  } catch (error) {
    const code = systemCode(error) ?? "";
    if (["EACCES", "EPERM"].includes(code)) return { kind: "unknown", why: "it can not be read" };
    // Since lstat it vanished, or became a link (ELOOP) or a socket (ENXIO).
    if (["ENOENT", "ENOTDIR", "ELOOP", "ENXIO", "EINVAL"].includes(code)) return CHANGING;
    throw fromSystem(error, `read ${displayPath(path)}`);
  }
}

const CHANGING: Present = { kind: "unknown", why: "it is being changed" };

function lookAtLink(fsPath: string | Buffer, before: FileStat): Present {
  const target = readLink(fsPath);
  const stat = statPath(fsPath);
  if (stat === undefined || !sameStat(before.data, stat.data)) return CHANGING;
  return { kind: "symlink", oids: [hashObject("blob", target)], stat };
}

function lookAtFile(input: LookInput, path: RepoPath, stat: FileStat): Present {
  const known = knownToIndex(input.index, path, stat);
  if (known !== undefined) return { kind: "file", oids: [known], stat };
  const present = withFile(toFsPath(input.root, path), (file): Present => {
    const rules = input.conversions.filter((conversion) => conversion.rule(path).kind !== "none");
    const oids = new Set<Oid>();
    if (rules.length === 0 && file.stat.size > LARGE_FILE) oids.add(hashFile(file, input.signal));
    else {
      const bytes = readAll(file);
      oids.add(hashObject("blob", bytes));
      for (const conversion of rules) oids.add(hashObject("blob", conversion.toRepository(bytes, path)));
    }
    const after = statHandle(file.handle);
    if (!sameStat(file.stat.data, after.data)) return CHANGING;
    return { kind: "file", oids: [...oids], stat: after };
  });
  return present ?? CHANGING;
}

/** Stat data that vouches for the content, so that it need not be read. */
function knownToIndex(index: IndexTable, path: RepoPath, stat: FileStat): Oid | undefined {
  const position = index.find(path);
  if (position < 0 || index.isRacy(position) || index.isIntentToAdd(position)) return undefined;
  const entry = index.statAt(position);
  // A size of zero marks an entry that must be compared.
  return entry.size !== 0 && sameStat(entry, stat.data) ? index.oidAt(position) : undefined;
}
