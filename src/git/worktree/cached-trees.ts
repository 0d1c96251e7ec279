/**
 * The index's TREE extension: for each folder the tree object it was last written as, and how many entries that
 * tree covers. A folder that is absent here has to be written again.
 */
import { baseName, parentPath } from "../paths.ts";
import type { Oid, RepoPath } from "../model.ts";

export type CachedTree = { readonly oid: Oid; readonly entries: number };
export type CachedTrees = Map<RepoPath, CachedTree>;

/** The trees of an index that was read. A scan asks for the root alone: the rest is taken apart when it is needed. */
export class CachedTreesReader {
  #body: Buffer | undefined;
  #all: CachedTrees | undefined;

  /** @param body of the extension; stays as it is */
  constructor(body: Buffer | undefined) {
    this.#body = body;
  }

  /** To be changed by whoever changes the index. */
  get all(): CachedTrees {
    this.#all ??= parseCachedTrees(this.#body ?? Buffer.alloc(0));
    this.#body = undefined;
    return this.#all;
  }

  at(path: RepoPath): CachedTree | undefined {
    const isRoot = path === "" && this.#body !== undefined;
    return isRoot ? parseCachedTrees(this.#body ?? Buffer.alloc(0), 1).get("") : this.all.get(path);
  }
}

/** Reads the extension's body. Damage is no reason to fail: it is a cache, and an empty one is always right. */
export function parseCachedTrees(bytes: Buffer, most = Number.POSITIVE_INFINITY): CachedTrees {
  const trees: CachedTrees = new Map();
  // Folders that wait for children, as [path, children still to come].
  const open: { path: RepoPath; left: number }[] = [];
  for (let at = 0; at < bytes.length && trees.size < most;) {
    const nameEnd = bytes.indexOf(0, at);
    const lineEnd = bytes.indexOf(10, nameEnd + 1);
    if (nameEnd < 0 || lineEnd < 0) return new Map();
    const name = bytes.toString("latin1", at, nameEnd);
    const [entries = Number.NaN, children = Number.NaN] = bytes
      .toString("latin1", nameEnd + 1, lineEnd)
      .split(" ")
      .map(Number);
    if (!Number.isInteger(entries) || !Number.isInteger(children)) return new Map();
    at = lineEnd + 1;
    const path = childPath(open.at(-1)?.path, name);
    if (entries >= 0) {
      if (at + 20 > bytes.length) return new Map();
      trees.set(path, { oid: bytes.toString("hex", at, at + 20), entries });
      at += 20;
    }
    const parent = open.at(-1);
    if (parent !== undefined) parent.left--;
    open.push({ path, left: children });
    while ((open.at(-1)?.left ?? 1) === 0) open.pop();
  }
  return trees;
}

/** Returns the extension's body, or undefined when nothing is cached. */
export function renderCachedTrees(trees: CachedTrees): Buffer | undefined {
  if (trees.size === 0) return undefined;
  const children = childrenOf(trees);
  const parts: Buffer[] = [];
  const todo: RepoPath[] = [""];
  for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
    const below = children.get(path) ?? [];
    const tree = trees.get(path);
    parts.push(Buffer.from(`${baseName(path)}\0${tree?.entries ?? -1} ${below.length}\n`, "latin1"));
    if (tree !== undefined) parts.push(Buffer.from(tree.oid, "hex"));
    // A stack turns the order round; git writes shorter names first, then in byte order.
    todo.push(...below.sort((a, b) => compareNames(b, a)));
  }
  return Buffer.concat(parts);
}

/** Folders of all trees and the folders above them, so that the root is always there. */
function childrenOf(trees: CachedTrees): Map<RepoPath, RepoPath[]> {
  const children = new Map<RepoPath, RepoPath[]>([["", []]]);
  for (const path of trees.keys()) {
    for (let at = path; at !== "" && !children.has(at); at = parentPath(at)) children.set(at, []);
  }
  for (const path of children.keys()) {
    if (path !== "") children.get(parentPath(path))?.push(path);
  }
  return children;
}

function childPath(parent: RepoPath | undefined, name: RepoPath): RepoPath {
  if (parent === undefined) return "";
  return parent === "" ? name : `${parent}/${name}`;
}

function compareNames(a: RepoPath, b: RepoPath): number {
  return a.length - b.length || (a < b ? -1 : 1);
}
