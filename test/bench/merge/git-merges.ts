import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { RepoPath } from "../../../src/git/model.ts";
import { gitEnvironment } from "../../helpers/system-git.ts";
import type { Merge } from "./merge-list.ts";

/** What system git made of one merge. */
export type GitMerge =
  | { readonly kind: "clean"; readonly tree: string }
  | {
      readonly kind: "conflict";
      /** With conflict markers, and files that were moved aside as `path~<parent>`. */
      readonly tree: string;
      /** Unmerged paths, in git's order. */
      readonly paths: readonly RepoPath[];
      /** Such as `CONFLICT (rename/delete)`, each once. */
      readonly reasons: readonly string[];
    }
  | { readonly kind: "failed"; readonly message: string };

export type GitRun = {
  readonly merges: readonly GitMerge[];
  readonly wallMs: number;
  readonly cpuMs: number;
};

/** Runs `git merge-tree` beside a repository that it never writes to: new objects go into a scratch folder. */
export class GitMerger {
  /** A folder as `openObjectStore` takes it, with the objects that git wrote. */
  readonly scratch = mkdtempSync(join(tmpdir(), "lull-merge-"));
  readonly #repository: string;

  constructor(repository: string) {
    this.#repository = repository;
    this.clear();
  }

  /** Forgets the objects of earlier merges. */
  clear(): void {
    rmSync(join(this.scratch, "objects"), { recursive: true, force: true });
    mkdirSync(join(this.scratch, "objects"));
  }

  [Symbol.dispose](): void {
    rmSync(this.scratch, { recursive: true, force: true });
  }

  /** All merges in one process; a merge on which git itself fails is noted, and the next process goes on after it. */
  run(merges: readonly Merge[]): GitRun {
    const done: GitMerge[] = [];
    let wallMs = 0;
    let cpuMs = 0;
    while (done.length < merges.length) {
      const started = performance.now();
      const ended = Bun.spawnSync(
        ["git", "merge-tree", "--write-tree", "--stdin", "-z", "--name-only", "--allow-unrelated-histories"],
        {
          cwd: this.#repository,
          env: gitEnvironment({
            GIT_CONFIG_NOSYSTEM: "1",
            GIT_DIR: this.#repository,
            GIT_OBJECT_DIRECTORY: join(this.scratch, "objects"),
            GIT_ALTERNATE_OBJECT_DIRECTORIES: join(this.#repository, "objects"),
          }),
          stdin: Buffer.from(
            merges
              .slice(done.length)
              .map(({ ours, theirs }) => `${ours} ${theirs}\n`)
              .join(""),
          ),
          stdout: "pipe",
          stderr: "pipe",
        },
      );
      wallMs += performance.now() - started;
      cpuMs += Number(ended.resourceUsage.cpuTime.total) / 1000;
      done.push(...parseMerges(ended.stdout.toString("latin1")));
      if (done.length < merges.length) {
        done.push({ kind: "failed", message: ended.stderr.toString().trim() });
      }
    }
    return { merges: done, wallMs, cpuMs };
  }
}

/** The format is in git-merge-tree(1), "OUTPUT" and "INPUT FORMAT"; every field ends in NUL. */
function parseMerges(output: string): GitMerge[] {
  const fields = output.split("\0");
  const merges: GitMerge[] = [];
  let at = 0;
  // An empty field ends a list. The last field is what stands after the last NUL.
  const upToEmpty = (): string[] => {
    const end = fields.indexOf("", at);
    const list = fields.slice(at, end < 0 ? fields.length - 1 : end);
    at = end < 0 ? fields.length : end + 1;
    return list;
  };
  while (at < fields.length - 1) {
    const [status, tree] = [fields[at], fields[at + 1]];
    if (tree === undefined || !/^[0-9a-f]{40}$/.test(tree)) break;
    at += 2;
    if (status === "1") {
      at++;
      merges.push({ kind: "clean", tree });
      continue;
    }
    const paths = upToEmpty();
    const reasons = new Set<string>();
    for (const message of readMessages(fields, at)) {
      if (message.type.startsWith("CONFLICT")) reasons.add(message.type);
      at = message.end;
    }
    at++;
    if (at > fields.length) break;
    merges.push({ kind: "conflict", tree, paths, reasons: [...reasons] });
  }
  return merges;
}

/**
 * Each message: number of paths, the paths, a short type, the text. After the last one stands an empty field, or advice on
 * submodules that git 2.39 prints among its fields.
 */
function* readMessages(
  fields: readonly string[],
  start: number,
): Generator<{ readonly type: string; readonly end: number }> {
  let at = start;
  while (/^[0-9]+$/.test(fields[at] ?? "")) {
    const paths = Number(fields[at]);
    const end = at + paths + 3;
    yield { type: fields[at + paths + 1] ?? "", end };
    at = end;
  }
}
