import { LullError } from "../../base/errors.ts";
import { MODE, type ObjectReader, type Oid } from "../model.ts";
import { transportError } from "../../transport/transport-error.ts";
import { readCommitLinks } from "../objects/commit-object.ts";
import type { HistoryNode } from "./commit-walk.ts";
import { NewCommits } from "./new-commits.ts";
import { parentsFirst } from "./parents-first.ts";
import { peelTag } from "../objects/tag-object.ts";
import { differingEntries } from "../objects/differing-entries.ts";
import { TurnKeeper } from "../objects/turn-keeper.ts";

/**
 * Checks that everything reachable from the new tips is there, up to what the old tips reach: no ref may move to a
 * commit with a hole below it. Commits and trees are read, blobs only looked up.
 * @param wants names of any kind of object
 * @param haves tips that were complete before; those that are not there are passed over
 * @throws LullError `BAD_PACK` that names the object that is missing or of the wrong kind
 */
export async function checkConnectivity(
  reader: ObjectReader,
  wants: readonly Oid[],
  haves: readonly Oid[],
  signal?: AbortSignal,
): Promise<void> {
  // Most fetches bring nothing; what was complete before is not looked at for its own sake.
  if (wants.length === 0) return;
  try {
    await new ConnectivityCheck(reader, signal).run(wants, haves);
  } catch (error) {
    if (!(error instanceof LullError) || !["OBJECT_MISSING", "OBJECT_CORRUPT"].includes(error.code))
      throw error;
    throw transportError({
      code: "BAD_PACK",
      message: `the remote sent an incomplete history: ${error.message}`,
      data: error.data,
      cause: error,
    });
  }
}

/** Names seen are forgotten beyond this (100 bytes each): it costs some work twice, never a wrong answer. */
const MOST_SEEN = 1_000_000;

class ConnectivityCheck {
  readonly #reader: ObjectReader;
  readonly #turns: TurnKeeper;
  /** Trees and blobs below complete ones. */
  #seen = new Set<Oid>();

  constructor(reader: ObjectReader, signal: AbortSignal | undefined) {
    this.#reader = reader;
    this.#turns = new TurnKeeper(signal);
  }

  async run(wants: readonly Oid[], haves: readonly Oid[]): Promise<void> {
    const commits: Oid[] = [];
    for (const want of wants) {
      const { oid, kind } = peelTag(this.#reader, want);
      if (kind === "commit") commits.push(oid);
      else if (kind === "tree") await this.#checkTree(oid, undefined);
    }
    const known = haves.filter((oid) => this.#reader.has(oid)).map((oid) => peelTag(this.#reader, oid));
    const news = new NewCommits(this.#reader);
    for (const { oid, kind } of known) if (kind === "commit") news.addKnown(oid);
    for (const oid of commits) news.addNew(oid);
    const found: HistoryNode[] = [];
    for (let commit = news.next(); commit !== undefined; commit = news.next()) {
      found.push(commit);
      if (this.#turns.isDue(0)) await this.#turns.turn();
    }
    for (const commit of parentsFirst(found)) {
      const [parent] = commit.parents;
      await this.#checkTree(
        commit.tree,
        parent === undefined ? undefined : readCommitLinks(this.#reader, parent).tree,
      );
      if (this.#turns.isDue(0)) await this.#turns.turn();
    }
  }

  /**
   * Walks a tree beside the one it was made from. What both have in the same place was checked with the other one,
   * because parents come first.
   */
  async #checkTree(root: Oid, before: Oid | undefined): Promise<void> {
    const stack: { readonly tree: Oid; readonly before: Oid | undefined }[] = [{ tree: root, before }];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (next.tree === next.before || this.#seen.has(next.tree)) continue;
      this.#remember(next.tree);
      const rows = differingEntries(this.#reader, [next.tree, next.before]);
      for (const [entry, twin] of rows.values()) {
        if (entry === undefined) continue;
        const { mode, oid } = entry;
        if (mode === MODE.submodule || twin?.oid === oid || this.#seen.has(oid)) continue;
        if (mode === MODE.directory)
          stack.push({ tree: oid, before: twin?.mode === MODE.directory ? twin.oid : undefined });
        else this.#checkBlob(oid);
      }
      if (this.#turns.isDue(rows.size * 64)) await this.#turns.turn();
    }
  }

  #checkBlob(oid: Oid): void {
    // `header` gives the error that names the object.
    if (!this.#reader.has(oid)) this.#reader.header(oid);
    this.#remember(oid);
  }

  #remember(oid: Oid): void {
    if (this.#seen.size >= MOST_SEEN) this.#seen = new Set();
    this.#seen.add(oid);
  }
}
