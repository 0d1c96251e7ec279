/** System git as the test peer: it makes repositories for the engine and judges what the engine wrote. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { rememberTemporary } from "./temporary.ts";

/** Returns a new empty folder that is removed when the test file ends. */
export function temporaryDirectory(): string {
  return rememberTemporary(realpathSync(mkdtempSync(join(tmpdir(), "lull-"))));
}

export type GitOptions = {
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
};

/** The environment in which system git sees no config but the repository's own. */
export function gitEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "",
    HOME: "/nonexistent",
    LC_ALL: "C",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_SYSTEM: "/dev/null",
    GIT_TERMINAL_PROMPT: "0",
    GIT_AUTHOR_NAME: "Ada",
    GIT_AUTHOR_EMAIL: "ada@example.com",
    GIT_COMMITTER_NAME: "Ada",
    GIT_COMMITTER_EMAIL: "ada@example.com",
    GIT_AUTHOR_DATE: "1700000000 +0000",
    GIT_COMMITTER_DATE: "1700000000 +0000",
    ...extra,
  };
}

/** Runs git and returns its output without the trailing line break; throws with git's own message. */
export function git(cwd: string, ...args: readonly string[]): string {
  return gitRaw(cwd, args).toString("utf8").trimEnd();
}

/** As `git`, with standard input and environment, and the output as bytes. */
export function gitRaw(cwd: string, args: readonly string[], options: GitOptions = {}): Buffer {
  const result = spawnSync(
    "git",
    ["-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always", ...args],
    {
      cwd,
      env: gitEnvironment(options.env),
      maxBuffer: 1 << 30,
      ...(options.input === undefined ? {} : { input: options.input }),
    },
  );
  if (result.status !== 0) {
    throw new Error(
      `git ${args.join(" ")} (in ${cwd}) ended with ${result.status}: ${result.stderr.toString("utf8")}`,
    );
  }
  return result.stdout;
}

/** Throws unless git finds the repository whole. */
export function fsck(repository: string): void {
  const output = git(repository, "fsck", "--full", "--strict", "--no-dangling");
  if (output !== "") throw new Error(`git fsck: ${output}`);
}
