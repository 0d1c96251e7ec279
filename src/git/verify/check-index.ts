import { LullError } from "../../base/errors.ts";
import {
  EMPTY_TREE,
  MODE,
  type ObjectKind,
  type ObjectReader,
  type Oid,
  type RepoPath,
  ZERO_OID,
} from "../model.ts";
import { displayPath } from "../paths.ts";
import { ScratchBatch } from "../scratch-batch.ts";
import { readIndex } from "../worktree/index-file.ts";
import { IndexTable } from "../worktree/index-table.ts";
import { writeTree } from "../worktree/write-tree.ts";
import type { KindOf } from "./check-refs.ts";
import { type Finding, finding } from "./verify-result.ts";

export type IndexCheck = {
  readonly findings: readonly Finding[];
  /** Undefined: it can not be used. */
  readonly index: IndexTable | undefined;
};

/** Looks at git's index file, with the checksum, and at whether what it remembers of trees agrees with its entries. */
export function checkIndex(gitDirectory: string, kindOf: KindOf): IndexCheck {
  let index: IndexTable;
  try {
    index = readIndex(gitDirectory);
  } catch (error) {
    if (!(error instanceof LullError)) throw error;
    if (error.code === "INDEX_CORRUPT") return { findings: [damaged(error)], index: undefined };
    if (error.code === "UNSUPPORTED_REPOSITORY") return { findings: [unsupported(error)], index: undefined };
    throw error;
  }
  const findings = [
    ...entriesWithoutObject(index, kindOf),
    ...wrongTrees(index, kindOf),
    ...index.unmerged.map(unmerged),
  ];
  return { findings, index };
}

function damaged(error: LullError): Finding {
  return finding({
    part: "index",
    gravity: "damage",
    code: "INDEX_DAMAGED",
    where: "index",
    what: error.message.replace(/^.* is damaged: /, ""),
    meaning: "what was staged and not committed is not known any more; no file is concerned",
    mend: "it is set aside and made anew from the last commit",
  });
}

function unmerged(path: RepoPath): Finding {
  return finding({
    part: "index",
    gravity: "note",
    code: "INDEX_UNMERGED",
    where: displayPath(path),
    what: "it is unmerged: git keeps the versions of a merge that did not end, and waits for a decision",
    meaning: "nothing is synced here until then",
    mend: "decide in the file, then `git add` it; or give the merge up with `git merge --abort`",
  });
}

function unsupported(error: LullError): Finding {
  const { message, hint } = error;
  return finding({
    part: "index",
    gravity: "note",
    code: "UNSUPPORTED",
    where: "index",
    what: message,
    mend: hint,
  });
}

function entriesWithoutObject(index: IndexTable, kindOf: KindOf): Finding[] {
  const lost: { path: RepoPath; oid: Oid; kind: ObjectKind | undefined }[] = [];
  for (let position = 0; position < index.count; position++) {
    const { mode, oid } = index.versionAt(position);
    if (mode === MODE.submodule || oid === ZERO_OID || index.isIntentToAdd(position)) continue;
    const kind = kindOf(oid);
    if (kind !== "blob") lost.push({ path: index.pathAt(position), oid, kind });
  }
  return lost.map(({ path, oid, kind }) =>
    finding({
      part: "index",
      gravity: "loss",
      code: "INDEX_WITHOUT_OBJECT",
      where: displayPath(path),
      what:
        kind === undefined
          ? `what git last took in of it (${oid}) is not there`
          : `what git last took in of it is a ${kind} (${oid})`,
      meaning: "the file itself, if it lies in the folder, is not concerned",
      mend: "it comes back from the file if that is unchanged, or from a remote",
      oids: [oid],
    }),
  );
}

/** The trees are a cache, and a wrong one would become the next commit. */
function wrongTrees(index: IndexTable, kindOf: KindOf): Finding[] {
  const remembered = [...index.cachedTrees].filter(([path]) => index.cachedTree(path) !== undefined);
  if (remembered.length === 0) return [];
  const computed = computeTrees(index);
  const wrong = remembered.filter(
    ([path, { oid }]) =>
      (computed !== undefined && computed.get(path) !== oid) ||
      (oid !== EMPTY_TREE && kindOf(oid) !== "tree"),
  );
  const [first] = wrong;
  if (first === undefined) return [];
  const others = wrong.length > 1 ? ` and of ${wrong.length - 1} more` : "";
  const folder = first[0] === "" ? "the top folder" : displayPath(first[0]);
  return [
    finding({
      part: "index",
      gravity: "damage",
      code: "INDEX_TREES",
      where: "index",
      what: `the tree that it remembers of ${folder}${others} is not there, or not that of its entries`,
      meaning: "the next commit could hold other files than the folder does",
      mend: "what it remembers of trees is dropped",
      oids: wrong.map(([, { oid }]) => oid),
    }),
  ];
}

/** Undefined: there are names in it that lull writes into no tree. */
export function computeTrees(
  index: IndexTable,
  batch: ScratchBatch = new ScratchBatch(ANY),
): ReadonlyMap<RepoPath, Oid> | undefined {
  const plain = new IndexTable(index.entries);
  try {
    const root = writeTree(plain, batch);
    return new Map([["", root], ...[...plain.cachedTrees].map(([path, { oid }]) => [path, oid] as const)]);
  } catch (error) {
    if (error instanceof LullError && ["FORBIDDEN_NAME", "OBJECT_MISSING"].includes(error.code))
      return undefined;
    throw error;
  }
}

/** Whether the objects are there is another question. */
const ANY: ObjectReader = {
  has: () => true,
  read: () => {
    throw new Error("nothing is read to name trees");
  },
  header: () => {
    throw new Error("nothing is read to name trees");
  },
};
