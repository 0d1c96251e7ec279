import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Trace } from "../../../src/git/checkout/apply-changes.ts";
import type { CheckoutPlace } from "../../../src/git/checkout/checkout-commit.ts";
import { checkoutCommit } from "../../../src/git/checkout/checkout-commit.ts";
import type { DiskCalls } from "../../../src/git/checkout/durability.ts";
import type { CheckoutResult } from "../../../src/git/git.ts";
import type { Oid, Progress } from "../../../src/git/model.ts";
import { openObjectStore } from "../../../src/git/objects/object-store.ts";
import type { Head } from "../../../src/git/refs/repository-state.ts";
import { resolveRef } from "../../../src/git/refs/ref-store.ts";
import { DEFAULT_SETTINGS, type WorkTreeSettings } from "../../../src/git/worktree/settings.ts";
import { guardedRename } from "../../../src/platform/guarded-rename.ts";
import { openFileSystemSync } from "../../../src/platform/file-system-sync.ts";
import { fsck, git, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";

/** Files as `path → content`; a path may end in `*` (executable), a content that starts with `->` is a link. */
export type Files = Readonly<Record<string, string>>;

/** A repository with system git as its first author. */
export function newRepository(): string {
  const root = temporaryDirectory();
  git(root, "init", "-q", "--template=");
  mkdirSync(join(root, ".git/info"));
  return root;
}

/** Commits exactly these files with plumbing, without touching work tree, index or branch. */
export function commitFiles(root: string, files: Files, parent?: Oid): Oid {
  const index = join(root, ".git/fixture-index");
  const env = { GIT_INDEX_FILE: index };
  gitRaw(root, ["read-tree", "--empty"], { env });
  // Git knows the empty tree without storing it, but its fsck misses it.
  gitRaw(root, ["hash-object", "-w", "-t", "tree", "--stdin"], { input: "" });
  const written = new Map<string, Oid>();
  const lines = Object.entries(files).map(([name, content]) => {
    const isLink = content.startsWith("->");
    const text = isLink ? content.slice(2) : content;
    const oid = written.get(text) ?? writeBlob(root, text);
    written.set(text, oid);
    const mode = isLink ? "120000" : name.endsWith("*") ? "100755" : "100644";
    return `${mode} ${oid}\t${name.replace(/\*$/, "")}\0`;
  });
  gitRaw(root, ["update-index", "-z", "--index-info"], { env, input: Buffer.from(lines.join(""), "latin1") });
  return commitTree(root, gitRaw(root, ["write-tree"], { env }).toString().trim(), parent);
}

function writeBlob(root: string, text: string): Oid {
  const input = Buffer.from(text, "latin1");
  return gitRaw(root, ["hash-object", "-w", "--stdin", "--no-filters"], { input }).toString().trim();
}

export function commitTree(root: string, tree: Oid, parent?: Oid): Oid {
  return git(root, "commit-tree", tree, "-m", "x", ...(parent === undefined ? [] : ["-p", parent]));
}

/** Puts work tree, index and branch on a commit by system git. */
export function startAt(root: string, commit: Oid): void {
  git(root, "reset", "-q", "--hard", commit);
}

export function place(root: string, settings: Partial<WorkTreeSettings> = {}): CheckoutPlace {
  const gitDirectory = join(root, ".git");
  return {
    directory: root,
    gitDirectory,
    store: openObjectStore(gitDirectory),
    windows: false,
    openFileSystem: openFileSystemSync,
    guardedRename,
    settings: () => ({ ...DEFAULT_SETTINGS, ...settings }),
  };
}

export type CheckOutOptions = {
  readonly trace?: Trace;
  readonly settings?: Partial<WorkTreeSettings>;
  readonly head?: Head;
  readonly signal?: AbortSignal;
  readonly onProgress?: Progress;
  readonly disk?: DiskCalls;
  readonly help?: CheckoutPlace["help"];
  readonly openFolderStats?: CheckoutPlace["openFolderStats"];
};

export function checkOut(root: string, target: Oid, options: CheckOutOptions = {}): CheckoutResult {
  const { help, openFolderStats } = options;
  const where = { ...place(root, options.settings), help, openFolderStats };
  const head = resolveRef(where.gitDirectory, "HEAD");
  return checkoutCommit(where, {
    target,
    head: options.head ?? { branch: head.name, commit: head.oid },
    reflog: {
      who: { name: "l", email: "l@x", seconds: 1, offsetMinutes: 0 },
      message: "lull: test",
      policy: "usual",
    },
    signal: options.signal ?? new AbortController().signal,
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
    ...(options.disk === undefined ? {} : { disk: options.disk }),
    ...(options.trace === undefined ? {} : { trace: options.trace }),
  });
}

/** Checks that git sees exactly this commit, checked out cleanly, and that no trace of the work is left. */
export function expectCheckedOut(root: string, commit: Oid): void {
  const problems = [
    git(root, "rev-parse", "HEAD") === commit ? "" : "HEAD is elsewhere",
    git(root, "status", "--porcelain", "--untracked-files=all", "--ignored"),
    git(root, "write-tree") === git(root, "rev-parse", `${commit}^{tree}`) ? "" : "the index is not the tree",
    existsSync(join(root, ".git/lull/checkout.json")) ? "journal left" : "",
    ...readdirSync(join(root, ".git/lull/tmp")).map((name) => `left in tmp: ${name}`),
    ...["index.lock", "HEAD.lock", "refs/heads/main.lock"].filter((name) =>
      existsSync(join(root, ".git", name)),
    ),
  ].filter((problem) => problem !== "");
  if (problems.length > 0) throw new Error(problems.join("\n"));
  fsck(root);
}

export function write(root: string, path: string, content: string): void {
  writeFileSync(join(root, path), content);
}

export function read(root: string, path: string): string {
  return readFileSync(join(root, path), "latin1");
}
