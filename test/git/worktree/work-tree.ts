/** A repository with system git as its judge, for the tests of scan and stage. */
import { expect } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { lockIndex, readIndex } from "../../../src/git/worktree/index-file.ts";
import { scanWorkTree } from "../../../src/git/worktree/scan.ts";
import { DEFAULT_SETTINGS } from "../../../src/git/worktree/settings.ts";
import { stagePaths } from "../../../src/git/worktree/stage.ts";
import { writeTree } from "../../../src/git/worktree/write-tree.ts";
import { FolderLook } from "../../../src/git/worktree/folder-look.ts";
import { ScanPartner, type StartScanThread } from "../../../src/git/worktree/scan-partner.ts";
import { SharedScan } from "../../../src/git/worktree/shared-scan.ts";
import { openFolderStats } from "../../../src/platform/folder-stats.ts";
import { MemoryObjects } from "../../helpers/memory-objects.ts";
import { git, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";
import type { ScanResult } from "../../../src/git/worktree/scan.ts";
import type { WorkTreeSettings } from "../../../src/git/worktree/settings.ts";
import type { StageResult } from "../../../src/git/worktree/stage.ts";

export type Files = Readonly<Record<string, string>>;

/** A repository whose files are committed. */
export function committed(files: Files): string {
  const root = temporaryDirectory();
  git(root, "init", "-q");
  for (const [path, text] of Object.entries(files)) put(root, path, text);
  git(root, "add", "-A");
  git(root, "commit", "-q", "--allow-empty", "-m", "first");
  return root;
}

/** Writes a file whose path is given as bytes in latin1. */
export function put(root: string, path: string, text: string): void {
  mkdirSync(fsPath(root, dirname(path)), { recursive: true });
  writeFileSync(fsPath(root, path), text, "latin1");
}

export function fsPath(root: string, path: string): Buffer {
  return Buffer.from(join(root, path), "latin1");
}

/** Takes every piece of a scan before it goes on. */
export function eagerThread(): ReturnType<StartScanThread> {
  return {
    post({ shared, scan: number, root }) {
      const look = new FolderLook(root, openFolderStats(root));
      new SharedScan(shared).serve(number, look);
      look.close();
    },
    stop() {},
  };
}

export function scan(
  root: string,
  settings: Partial<WorkTreeSettings> = {},
  signal?: AbortSignal,
): ScanResult {
  const input = {
    root,
    gitDirectory: join(root, ".git"),
    index: readIndex(join(root, ".git")),
    objects: new MemoryObjects(root),
    settings: { ...DEFAULT_SETTINGS, ...settings },
    signal,
  };
  const found = scanWorkTree(input);
  // The faster stat, where the system has it, says the same about everything that a test thinks of.
  expect(scanWorkTree({ ...input, openFolderStats })).toEqual(found);
  // And so does another thread, here one that is always there first.
  const partner = new ScanPartner(root, eagerThread, { fewFiles: 0, firstScans: 0 });
  expect(scanWorkTree({ ...input, openFolderStats, partner })).toEqual(found);
  return found;
}

/** `kind path` of every change. */
export function changes(root: string, settings: Partial<WorkTreeSettings> = {}): string[] {
  return scan(root, settings).changes.map(({ kind, path }) => `${kind} ${path}`);
}

/** `reason path` of everything that is not carried. */
export function skips(root: string, settings: Partial<WorkTreeSettings> = {}): string[] {
  return scan(root, settings).skipped.map(({ reason, path }) => `${reason} ${path}`);
}

/** Stages what a scan found (or the given paths), writes objects, tree and index. */
export function stageAll(
  root: string,
  options: { readonly settings?: Partial<WorkTreeSettings>; readonly paths?: readonly string[] } = {},
): StageResult & { readonly tree: string } {
  const settings = { ...DEFAULT_SETTINGS, ...options.settings };
  const found = scan(root, settings);
  const paths = options.paths ?? [...found.changes.map(({ path }) => path), ...found.refreshedPaths];
  const batch = new MemoryObjects(root);
  using lock = lockIndex(join(root, ".git"));
  const result = stagePaths({
    root,
    gitDirectory: join(root, ".git"),
    index: lock.index,
    batch,
    paths,
    settings,
  });
  const tree = writeTree(lock.index, batch);
  batch.finish();
  lock.write(lock.index);
  return { ...result, tree };
}

/** `XY path` lines of git status, with every untracked file named. */
export function status(root: string, ...config: readonly string[]): string[] {
  const args = [
    ...config.flatMap((entry) => ["-c", entry]),
    "status",
    "--porcelain",
    "-z",
    "-uall",
    "--no-renames",
  ];
  return gitRaw(root, args).toString("latin1").split("\0").slice(0, -1);
}

/** What git's status says about work tree and index, in the words of a scan. */
export function statusAsChanges(root: string, ...config: readonly string[]): string[] {
  const kinds = new Map([
    ["?", "added"],
    ["A", "added"],
    ["M", "modified"],
    ["D", "deleted"],
    ["T", "type-changed"],
  ]);
  return status(root, ...config)
    .filter((line) => line[1] !== " ")
    .map((line) => ({ kind: kinds.get(line[1] ?? "") ?? line, path: line.slice(3) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ kind, path }) => `${kind} ${path}`);
}
