/**
 * Runs lull in a process of its own under `call-tracer.c`, which sees every system call that changes a file and does
 * with it what it is told. It needs Linux on x86-64, a C compiler and the right to trace; `tracerHindrance` says what
 * is missing.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";

import type { Device } from "../helpers/device.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

/** `LULL_FAULTS_BINARY`: only what is killed and traced; what judges it afterwards runs faster in this process. */
const binary = process.env["LULL_FAULTS_BINARY"] ?? process.env["LULL_E2E_BINARY"] ?? "";

/** lull as a program: the compiled binary, or the sources. */
export const COMMAND: readonly string[] =
  binary === "" ? [process.execPath, resolve(import.meta.dir, "../../src/main.ts")] : [resolve(binary)];

export type Death = "before" | "torn" | "half" | "after";

export type Order = {
  /** The number of the call, from 1. */
  readonly at: number;
  /** A death, an errno, or a stop at which `onPause` is called. */
  readonly act: Death | number | "pause";
  /** True: this call and all that follow. */
  readonly onward?: boolean;
};

export type TracedCall = {
  readonly number: number;
  readonly call: string;
  readonly paths: readonly string[];
};

export type TraceOptions = {
  /** Folders below which calls count. */
  readonly under: readonly string[];
  readonly orders?: readonly Order[];
  /** Counts openings for reading as well. */
  readonly reads?: boolean;
  /** Where to write the calls that succeeded (`<log>`) and the bytes written (`<log>.data`). */
  readonly log?: string;
  /** Called with the process at rest right before a call of the order `pause`. */
  readonly onPause?: (call: TracedCall) => void;
  readonly pauseAlways?: boolean;
};

export type TracedRun = {
  /** How many calls there were. */
  readonly calls: number;
  /** The exit code, 128 + signal for a death. */
  readonly code: number;
  /** The last call that was acted on. */
  readonly acted: TracedCall | undefined;
  readonly output: string;
};

export const KILLED = 128 + 9;

let tracer: string | undefined;

/** Why nothing can be traced here; undefined when it can. */
export function tracerHindrance(): string | undefined {
  if (process.platform !== "linux" || process.arch !== "x64")
    return `the tracer knows Linux on x64, not ${process.platform} on ${process.arch}`;
  const program = join(temporaryDirectory(), "call-tracer");
  const source = join(import.meta.dir, "call-tracer.c");
  const compiled = spawnSync("cc", ["-O2", "-o", program, source], { encoding: "utf8" });
  if (compiled.status !== 0) return `no C compiler: ${compiled.error?.message ?? compiled.stderr}`;
  const tried = spawnSync(program, ["-u", "/nonexistent", "--", "true"], { encoding: "utf8" });
  if (tried.status !== 0 || !tried.stdout.includes("exit 0")) return `no right to trace: ${tried.stderr}`;
  tracer = program;
  return undefined;
}

export async function runTraced(
  device: Device,
  args: readonly string[],
  options: TraceOptions,
): Promise<TracedRun> {
  if (tracer === undefined) throw new Error("call tracerHindrance first");
  const output = join(device.outside, "traced-output");
  rmSync(output, { force: true });
  const child = Bun.spawn([tracer, ...tracerArguments(options, output), "--", ...COMMAND, ...args], {
    cwd: device.home,
    // Started from its sources, Bun would write what it compiled to the home as well.
    env: { ...device.env, BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" },
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  const lines = await answerPauses(child, options.onPause).catch((error: unknown) => {
    child.kill("SIGKILL");
    throw error;
  });
  await child.exited;
  const figure = (name: string): number =>
    Number(lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1));
  const acted = lines.find((line) => line.startsWith("acted "));
  return {
    calls: figure("calls"),
    code: figure("exit"),
    acted: acted === undefined ? undefined : parseCall(acted),
    output: existsSync(output) ? readFileSync(output, "utf8") : "",
  };
}

function tracerArguments({ under, orders, reads, log, pauseAlways }: TraceOptions, output: string): string[] {
  return [
    ...under.flatMap((folder) => ["-u", folder]),
    ...(orders ?? []).flatMap(({ at, act, onward }) => ["-a", `${at}${onward === true ? "+" : ""}:${act}`]),
    ...(reads === true ? ["-r"] : []),
    ...(pauseAlways === true ? ["-p"] : []),
    ...(log === undefined ? [] : ["-l", log, "-d", `${log}.data`]),
    "-o",
    output,
  ];
}

async function answerPauses(
  child: Bun.Subprocess<"pipe", "pipe", "inherit">,
  onPause: TraceOptions["onPause"],
): Promise<readonly string[]> {
  const lines: string[] = [];
  let rest = "";
  for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + piece).split("\n");
    rest = parts.pop() ?? "";
    for (const line of parts) {
      lines.push(line);
      if (!line.startsWith("paused ")) continue;
      onPause?.(parseCall(line));
      void child.stdin.write("\n");
      await child.stdin.flush();
    }
  }
  return lines;
}

function parseCall(line: string): TracedCall {
  const [, number, call = "", ...paths] = line.split(" ");
  return { number: Number(number), call, paths: paths.map(unescapePath) };
}

/** Raw bytes as latin1, as everywhere in lull. */
export function unescapePath(text: string): string {
  return text.replace(/%([0-9A-F]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}
