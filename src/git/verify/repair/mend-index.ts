import { LullError } from "../../../base/errors.ts";
import { MODE, type ObjectReader, type Oid, type RepoPath } from "../../model.ts";
import { readCommitLinks } from "../../objects/commit-object.ts";
import type { ObjectStore } from "../../objects/object-store.ts";
import { readTree } from "../../objects/tree-object.ts";
import { displayPath, joinPath } from "../../paths.ts";
import { takeLockFile } from "../../refs/lock-file.ts";
import { resolveRef } from "../../refs/ref-store.ts";
import { listSavepoints } from "../../savepoints/savepoint-ref.ts";
import { readIndex } from "../../worktree/index-file.ts";
import type { IndexUpdate } from "../../worktree/index-model.ts";
import { serializeIndex } from "../../worktree/index-serialize.ts";
import { IndexTable } from "../../worktree/index-table.ts";
import { checkIndex } from "../check-index.ts";
import { surveyReader, type Verified } from "../verify-repository.ts";
import { note, type Workshop } from "./workshop.ts";

/** Mends git's index. No file of the work tree changes: what differs from it shows up as a change. */
export function mendIndex(workshop: Workshop, { survey, result }: Verified, store: ObjectStore): void {
  const codes = new Set(result.findings.map(({ code }) => code));
  if (codes.has("INDEX_DAMAGED")) return rebuild(workshop, store);
  const reader = surveyReader(survey, store);
  const kindOf = (oid: Oid) => reader.kindAt(Buffer.from(oid, "hex"), 0);
  const { findings, index } = checkIndex(workshop.parts.gitDirectory, kindOf);
  if (findings.length === 0 || index === undefined || index.hasConflicts) return;
  const lost = new Set(findings.flatMap(({ code, oids }) => (code === "INDEX_WITHOUT_OBJECT" ? oids : [])));
  // Without what it remembered of trees.
  const mended = new IndexTable(readIndex(workshop.parts.gitDirectory).entries);
  const changes =
    lost.size === 0
      ? new Map<RepoPath, IndexUpdate | undefined>()
      : instead(index, lost, headEntries(workshop, store));
  mended.update(changes);
  replace(workshop, mended);
  for (const [path, change] of changes)
    note(
      workshop,
      displayPath(path),
      change === undefined
        ? "is not staged any more, as its content is lost"
        : "is staged as it was committed, as what was staged is lost",
    );
  note(workshop, "index", "was written again");
}

function instead(
  index: IndexTable,
  lost: ReadonlySet<Oid>,
  committed: ReadonlyMap<RepoPath, IndexUpdate>,
): Map<RepoPath, IndexUpdate | undefined> {
  const changes = new Map<RepoPath, IndexUpdate | undefined>();
  for (let position = 0; position < index.count; position++) {
    if (!lost.has(index.oidAt(position))) continue;
    const path = index.pathAt(position);
    const before = committed.get(path);
    // The commit may lack it as well: then it is for the person to see what the commit lacks.
    changes.set(path, before !== undefined && !lost.has(before.oid) ? before : undefined);
  }
  return changes;
}

function rebuild(workshop: Workshop, store: ObjectStore): void {
  const { parts } = workshop;
  const head = resolveRef(parts.gitDirectory, "HEAD").oid;
  const saved = head === undefined ? undefined : savedIndex(workshop, head, store);
  const entries = saved === undefined ? headEntries(workshop, store) : entriesOf(store, saved.tree);
  const table = new IndexTable();
  table.update(entries);
  replace(workshop, table);
  const from = saved === undefined ? "the last commit" : `the savepoint ${saved.name}, with what was staged`;
  note(workshop, "index", `was set aside and made anew from ${from}`);
}

/** What was staged counts only as long as nothing was committed since. */
function savedIndex(
  { parts }: Workshop,
  head: Oid,
  store: ObjectStore,
): { readonly name: string; readonly tree: Oid } | undefined {
  const [newest] = listSavepoints(parts.gitDirectory, store);
  if (newest?.index === undefined || newest.head !== head) return undefined;
  try {
    return { name: newest.name, tree: readCommitLinks(store, newest.index).tree };
  } catch (error) {
    if (error instanceof LullError) return undefined;
    throw error;
  }
}

function headEntries({ parts }: Workshop, store: ObjectStore): ReadonlyMap<RepoPath, IndexUpdate> {
  const head = resolveRef(parts.gitDirectory, "HEAD").oid;
  return head === undefined ? new Map() : entriesOf(store, readCommitLinks(store, head).tree);
}

/** Each is to be compared by content with the file. */
function entriesOf(reader: ObjectReader, root: Oid): ReadonlyMap<RepoPath, IndexUpdate> {
  const entries = new Map<RepoPath, IndexUpdate>();
  const stack = [{ path: "", tree: root }];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    for (const { mode, name, oid } of readTree(reader, next.tree)) {
      const path = joinPath(next.path, name);
      if (mode === MODE.directory) stack.push({ path, tree: oid });
      else entries.set(path, { mode, oid, stat: undefined });
    }
  }
  return entries;
}

function replace({ parts, aside }: Workshop, table: IndexTable): void {
  const path = `${parts.gitDirectory}/index`;
  using lock = takeLockFile(path, { gitDirectory: parts.gitDirectory });
  aside.copy(path);
  for (const piece of serializeIndex(table)) lock.write(piece);
  lock.commit();
}
