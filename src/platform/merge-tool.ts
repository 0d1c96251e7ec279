/** The person's merge tool: three versions in temporary files, and a fourth that the tool writes. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";

import { throwIfAborted } from "../base/abort.ts";
import { LullError } from "../base/errors.ts";
import { unlessMissing } from "./run-program.ts";

/** What the person's own git config says of a tool. */
export type ToolSettings = {
  /** A shell's command with $BASE, $LOCAL, $REMOTE and $MERGED. */
  readonly command: string | undefined;
  /** Where its program is. */
  readonly path: string | undefined;
  /** Its success means that it is merged, whether the file changed or not. */
  readonly trustsExitCode: boolean;
};

export type MergeToolInput = {
  readonly name: string;
  readonly settings: ToolSettings;
  /** Of the file that is merged: the tool goes by its ending. */
  readonly fileName: string;
  readonly base: Uint8Array;
  readonly local: Uint8Array;
  readonly remote: Uint8Array;
  /** What the tool's result begins with. */
  readonly merged: Uint8Array;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Undefined: as long as the person takes. */
  readonly deadlineMs: number | undefined;
  readonly signal: AbortSignal;
};

type Files = {
  readonly base: string;
  readonly local: string;
  readonly remote: string;
  readonly merged: string;
};

/** Program and arguments of the usual tools, as git calls them. */
const TOOLS: Readonly<Record<string, (files: Files) => readonly [string, ...string[]]>> = {
  meld: ({ base, local, remote, merged }) => ["meld", "--output", merged, local, base, remote],
  kdiff3: ({ base, local, remote, merged }) => ["kdiff3", "-o", merged, base, local, remote],
  vimdiff: (files) => vimWith("vim", files),
  nvimdiff: (files) => vimWith("nvim", files),
  code: ({ base, local, remote, merged }) => ["code", "--wait", "--merge", remote, local, base, merged],
  opendiff: ({ base, local, remote, merged }) => [
    "opendiff",
    local,
    remote,
    "-ancestor",
    base,
    "-merge",
    merged,
  ],
};

function vimWith(program: string, { base, local, remote, merged }: Files): readonly [string, ...string[]] {
  return [program, "-f", "-d", "-c", "4wincmd w | wincmd J", local, base, remote, merged];
}

export const KNOWN_TOOLS: readonly string[] = Object.keys(TOOLS);

/**
 * Runs the tool and returns what it made; undefined when it failed or left the file as it was: then nothing is decided.
 * @throws LullError `NO_MERGE_TOOL` (kind `usage`), `MERGE_TOOL_TIMEOUT` (kind `failed`), `INTERRUPTED`
 */
export async function runMergeTool(input: MergeToolInput): Promise<Uint8Array | undefined> {
  throwIfAborted(input.signal);
  // Private from the first moment: mkdtemp gives 0700.
  const folder = mkdtempSync(join(tmpdir(), "lull-merge-"));
  try {
    const extension = extname(input.fileName);
    const place = (role: string): string => join(folder, `${role}${extension}`);
    const files: Files = {
      base: place("base"),
      local: place("local"),
      remote: place("remote"),
      merged: place("merged"),
    };
    for (const role of ["base", "local", "remote", "merged"] as const)
      writeFileSync(files[role], input[role]);
    const code = await run(commandOf(input, files), files, input);
    const result = readFileSync(files.merged);
    const hasChanged = !result.equals(input.merged);
    return code === 0 && (hasChanged || input.settings.trustsExitCode) ? result : undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function commandOf({ name, settings }: MergeToolInput, files: Files): readonly [string, ...string[]] {
  if (settings.command !== undefined) return ["sh", "-c", settings.command];
  const known = Object.hasOwn(TOOLS, name) ? TOOLS[name] : undefined;
  if (known === undefined) throw noTool(name);
  const [program, ...rest] = known(files);
  return [settings.path ?? program, ...rest];
}

async function run(
  command: readonly [string, ...string[]],
  files: Files,
  { name, environment, deadlineMs, signal }: MergeToolInput,
): Promise<number | null> {
  const child = unlessMissing(() =>
    Bun.spawn([...command], {
      // It may be one that draws in the terminal.
      stdin: "inherit",
      stdout: "inherit",
      stderr: "inherit",
      env: {
        ...environment,
        BASE: files.base,
        LOCAL: files.local,
        REMOTE: files.remote,
        MERGED: files.merged,
      },
    }),
  );
  if (child === undefined) throw noTool(name);
  let isLate = false;
  const end = (): void => child.kill("SIGTERM");
  const deadline =
    deadlineMs === undefined
      ? undefined
      : setTimeout(() => {
          isLate = true;
          end();
        }, deadlineMs);
  signal.addEventListener("abort", end, { once: true });
  try {
    await child.exited;
  } finally {
    clearTimeout(deadline);
    signal.removeEventListener("abort", end);
  }
  throwIfAborted(signal);
  if (isLate)
    throw new LullError({
      kind: "failed",
      code: "MERGE_TOOL_TIMEOUT",
      message: `the merge tool ${name} did not end in time`,
      hint: "run it on a terminal, where it may take as long as you need; nothing was changed",
    });
  return child.exitCode;
}

function noTool(name: string): LullError {
  return new LullError({
    kind: "usage",
    code: "NO_MERGE_TOOL",
    message: `there is no merge tool "${name}" on this machine`,
    causes: ["it is not installed, or not in PATH", "its name is misspelt"],
    hint: `install it, or name another one: ${KNOWN_TOOLS.join(", ")}, or one of your git config (mergetool.NAME.cmd)`,
  });
}
