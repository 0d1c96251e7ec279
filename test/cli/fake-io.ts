import type { CliIo } from "../../src/cli/cli-io.ts";
import { runCli } from "../../src/cli/run.ts";

export type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** A CliIo that remembers what was written. */
export function fakeIo(changes: Partial<CliIo> = {}): CliIo & { out(): string; err(): string } {
  let stdout = "";
  let stderr = "";
  return {
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
    env: {},
    cwd: "/",
    isTty: false,
    width: 80,
    signal: new AbortController().signal,
    ...changes,
    out: () => stdout,
    err: () => stderr,
  };
}

/** Runs lull in this process. Without a home of its own it sees an empty environment. */
export async function lull(args: readonly string[], changes: Partial<CliIo> = {}): Promise<Ran> {
  const io = fakeIo(changes);
  const code = await runCli(args, io);
  return { code, stdout: io.out(), stderr: io.err() };
}
