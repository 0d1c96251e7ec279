import { throwIfAborted } from "../base/abort.ts";
import { systemCode } from "../base/errors.ts";
import type { ProgramResult, RunProgram } from "../base/program.ts";

/** A program that prints without end must not fill the memory of a process that runs for years. */
export const MOST_OUTPUT = 1024 * 1024;

export const runProgram: RunProgram = async (command, { deadlineMs, signal, input, env }) => {
  throwIfAborted(signal);
  const child = unlessMissing(() =>
    Bun.spawn([...command], {
      stdin: input === undefined ? "ignore" : new Blob([input]),
      stdout: "pipe",
      stderr: "pipe",
      windowsHide: true,
      // A group of its own, so that what it started in turn ends with it.
      detached: true,
      ...(env === undefined ? {} : { env: { ...env } }),
    }),
  );
  if (child === undefined) return { kind: "missing" };
  let isLate = false;
  const deadline = setTimeout(() => {
    isLate = true;
    killGroup(child);
  }, deadlineMs);
  const interrupt = (): void => killGroup(child);
  signal?.addEventListener("abort", interrupt, { once: true });
  try {
    const [stdout, stderr, code] = await Promise.all([
      firstOutput(child.stdout),
      firstOutput(child.stderr),
      child.exited,
    ]);
    throwIfAborted(signal);
    return isLate ? { kind: "timeout" } : ({ kind: "ended", code, stdout, stderr } satisfies ProgramResult);
  } finally {
    clearTimeout(deadline);
    signal?.removeEventListener("abort", interrupt);
  }
};

/** Returns undefined when there is no such program, or it can not be run. */
export function unlessMissing<Child>(spawn: () => Child): Child | undefined {
  try {
    return spawn();
  } catch (error) {
    if (["ENOENT", "EACCES", "ENOEXEC", "ENOTDIR"].includes(systemCode(error) ?? "")) return undefined;
    throw error;
  }
}

/** Ends a program that was started in a group of its own, and its children. */
export function killGroup(child: Bun.Subprocess): void {
  // No groups on this system, or it has ended already.
  if (!killGroupOf(child.pid)) child.kill("SIGKILL");
}

/** @returns false when there is no such group */
export function killGroupOf(pid: number): boolean {
  try {
    return process.kill(-pid, "SIGKILL");
  } catch {
    return false;
  }
}

async function firstOutput(stream: ReadableStream<Uint8Array>): Promise<string> {
  const kept: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    // What is beyond is read all the same, or the program would wait for a reader.
    if (size < MOST_OUTPUT) kept.push(chunk.subarray(0, MOST_OUTPUT - size));
    size += chunk.length;
  }
  return Buffer.concat(kept).toString();
}
