/** Repositories with a long history in loose objects, made quickly by `git fast-import`. */
import { readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";

import type { Clock } from "../../../src/base/clock.ts";
import { createGit } from "../../../src/git/create-git.ts";
import type { MaintainResult } from "../../../src/git/git.ts";
import { fakeClock } from "../../helpers/fake-clock.ts";
import { type Random, seededRandom } from "../../helpers/random.ts";
import { git, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

export type Files = Map<string, string>;

export type HistoryOptions = {
  readonly seed?: number;
  readonly files?: number;
  readonly commits: number;
  /** Changes the files for the next commit; left out: one line of one file. */
  readonly edit?: (files: Files, random: Random, round: number) => void;
  /** In seconds since 1970; each further commit is a minute later. */
  readonly start?: number;
};

/** Makes a work tree on `main` whose objects are all loose. */
export function looseHistory(options: HistoryOptions): string {
  const random = seededRandom(options.seed ?? 1);
  const directory = temporaryDirectory();
  git(directory, "init", "-q");
  const files: Files = new Map();
  for (let file = 0; file < (options.files ?? 40); file++)
    files.set(`d${file % 7}/note-${file}.md`, prose(random, 20 + random.below(80)));
  const edit = options.edit ?? editOneLine;
  const start = options.start ?? Math.floor(Date.now() / 1000) - options.commits * 60;
  const stream: string[] = [];
  let before: Files = new Map();
  for (let round = 0; round <= options.commits; round++) {
    if (round > 0) edit(files, random, round);
    const lines = [...files].filter(([path, text]) => before.get(path) !== text);
    const gone = [...before.keys()].filter((path) => !files.has(path));
    stream.push(
      `commit refs/heads/main\ncommitter Ada <ada@example.com> ${start + round * 60} +0000\n${data(`round ${round}\n`)}`,
      ...gone.map((path) => `D ${path}\n`),
      ...lines.map(([path, text]) => `M 100644 inline ${path}\n${data(text)}`),
      "\n",
    );
    before = new Map(files);
  }
  gitRaw(directory, ["-c", "fastimport.unpackLimit=1000000", "fast-import", "--quiet"], {
    input: stream.join(""),
  });
  git(directory, "reset", "-q", "--hard");
  return directory;
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}

function editOneLine(files: Files, random: Random, round: number): void {
  const path = random.pick([...files.keys()]);
  const lines = (files.get(path) ?? "").split("\n");
  lines[random.below(lines.length)] = `round ${round} ${word(random)}`;
  files.set(path, lines.join("\n"));
}

export function prose(random: Random, lines: number): string {
  return Array.from({ length: lines }, () => `${word(random)} ${word(random)} ${word(random)}\n`).join("");
}

function word(random: Random): string {
  return random.below(2 ** 31).toString(36);
}

export function maintain(
  directory: string,
  options: { readonly dryRun?: boolean; readonly clock?: Clock; readonly signal?: AbortSignal } = {},
): Promise<MaintainResult> {
  const engine = createGit({
    clock: options.clock ?? fakeClock(Date.now()),
    environment: { HOME: "/nonexistent", GIT_CONFIG_NOSYSTEM: "1" },
    windows: false,
  });
  const repository = engine.open(directory);
  const signal = options.signal ?? new AbortController().signal;
  return repository
    .maintain({ dryRun: options.dryRun ?? false, savepointsMs: 30 * DAY_MS, signal })
    .finally(() => repository.close());
}

export async function maintained(
  directory: string,
  options?: Parameters<typeof maintain>[1],
): Promise<Extract<MaintainResult, { readonly kind: "done" }>> {
  const result = await maintain(directory, options);
  if (result.kind !== "done") throw new Error(`skipped: ${result.reason}`);
  return result;
}

/** Names of all objects, reachable or not. */
export function everyObject(directory: string): string[] {
  return git(directory, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)").split("\n");
}

export function packs(directory: string): string[] {
  return readdirSync(join(directory, ".git/objects/pack")).filter((name) => name.endsWith(".pack"));
}

/** Lets everything below `objects/` look as old as this. */
export function age(directory: string, days: number): void {
  const seconds = (Date.now() - days * DAY_MS) / 1000;
  const folder = join(directory, ".git/objects");
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) utimesSync(join(entry.parentPath, entry.name), seconds, seconds);
}
