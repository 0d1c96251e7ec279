import type { ObjectKind, Oid, RepoPath } from "../../model.ts";
import { MODE } from "../../model.ts";
import { hashObject } from "../../objects/hash-object.ts";
import { wholeObject, type OpenedObject } from "../../objects/opened-object.ts";
import { toFsPath } from "../../paths.ts";
import type { RepositoryParts } from "../../repository-parts.ts";
import { ScratchBatch } from "../../scratch-batch.ts";
import { workTreeConversion } from "../../worktree/conversion.ts";
import { withFile } from "../../worktree/file-content.ts";
import type { IndexTable } from "../../worktree/index-table.ts";
import { readEntry } from "../../worktree/read-entry.ts";
import { attempt } from "../attempt.ts";
import { computeTrees } from "../check-index.ts";
import { fileChunks } from "./file-chunks.ts";

/** Lost objects of which the work tree or the index still has the content. */
export type LocalCopies = ReadonlyMap<Oid, { readonly kind: ObjectKind; readonly open: () => OpenedObject }>;

/**
 * Looks for them.
 * @param isLost whether there is no sound copy of an object
 * @param paths where else lost files may lie
 */
export function findLocalCopies(
  parts: RepositoryParts,
  {
    index,
    isLost,
    paths,
  }: {
    readonly index: IndexTable;
    readonly isLost: (oid: Oid) => boolean;
    readonly paths: readonly RepoPath[];
  },
): LocalCopies {
  const copies = new Map<Oid, { readonly kind: ObjectKind; readonly open: () => OpenedObject }>();
  const trees = new TreeCatcher(parts, isLost);
  computeTrees(index, trees);
  for (const [oid, bytes] of trees.caught)
    copies.set(oid, { kind: "tree", open: () => wholeObject({ kind: "tree", bytes }) });
  const input = {
    root: parts.directory,
    gitDirectory: parts.gitDirectory,
    index,
    objects: parts.store,
    settings: parts.settings(),
  };
  const conversion = workTreeConversion(input);
  const candidates = new Set(paths);
  for (let position = 0; position < index.count; position++)
    if (index.modeAt(position) !== MODE.submodule && isLost(index.oidAt(position)))
      candidates.add(index.pathAt(position));
  for (const path of candidates) {
    const batch = new ScratchBatch(parts.store);
    const read = attempt(() => readEntry({ ...input, conversion, batch }, path));
    if (read.kind !== "sound" || read.value.kind !== "found") continue;
    const { oid } = read.value.update;
    if (!isLost(oid) || copies.has(oid)) continue;
    const { last } = batch;
    // What is too large to be kept lies in the file as it is; should it change now, its name no longer fits.
    copies.set(oid, {
      kind: "blob",
      open: () =>
        last === undefined
          ? openFile(toFsPath(parts.directory, path))
          : wholeObject({ kind: "blob", bytes: last }),
    });
  }
  return copies;
}

/** Names the trees of the index and keeps those that are lost. */
class TreeCatcher extends ScratchBatch {
  readonly caught = new Map<Oid, Uint8Array>();
  readonly #isLost: (oid: Oid) => boolean;

  constructor(parts: RepositoryParts, isLost: (oid: Oid) => boolean) {
    super(parts.store);
    this.#isLost = isLost;
  }

  override write(kind: ObjectKind, bytes: Uint8Array): Oid {
    const oid = hashObject(kind, bytes);
    if (this.#isLost(oid)) this.caught.set(oid, Buffer.from(bytes));
    return oid;
  }

  /** Whether it is there is not the question. */
  override has(): boolean {
    return true;
  }
}

function openFile(path: string | Buffer): OpenedObject {
  const size = withFile(path, ({ stat }) => stat.size) ?? 0;
  return { kind: "blob", size, bytes: undefined, chunks: fileChunks(path) };
}
