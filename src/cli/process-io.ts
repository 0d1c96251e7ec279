/** The `CliIo` of the running process; the one place of the command line that touches the process itself. */
import { closeSync, fstatSync, openSync, type Stats, statSync, writeSync } from "node:fs";
import { devNull } from "node:os";

import { systemCode } from "../base/errors.ts";
import type { CliIo, ProcessSignals } from "./cli-io.ts";

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;

export function processIo(signal: AbortSignal, signals?: ProcessSignals): CliIo {
  const isTty = isTerminal(STDOUT);
  const stderrIsTty = isTerminal(STDERR);
  return {
    stdout: createWriter(STDOUT),
    stderr: createWriter(STDERR),
    get stdin() {
      return readStdin(signal);
    },
    env: process.env,
    get cwd() {
      return currentDirectory();
    },
    isTty,
    stderrIsTty,
    get stdinIsTty() {
      return isTerminal(STDIN);
    },
    get width() {
      // Asking makes a stream, which costs milliseconds; without a terminal nobody needs the answer.
      const columns = isTty ? process.stdout.columns : stderrIsTty ? process.stderr.columns : 0;
      return columns > 0 ? columns : 80;
    },
    signal,
    ...(signals === undefined ? {} : { signals }),
  };
}

/** The module that can tell takes 5 ms to load; a file, a pipe and the null device are no terminals without it. */
function isTerminal(handle: number): boolean {
  return !isSurelyNone(handle) && process.getBuiltinModule("node:tty").isatty(handle);
}

function isSurelyNone(handle: number): boolean {
  try {
    const stat = fstatSync(handle);
    return stat.isFile() || stat.isFIFO() || stat.isSocket() || isNullDevice(stat);
  } catch {
    return false;
  }
}

function isNullDevice({ rdev }: Stats): boolean {
  return rdev !== 0 && rdev === statSync(devNull, { throwIfNoEntry: false })?.rdev;
}

/** Writes directly: `process.stdout` takes 5 ms to make and may lose what is unwritten when the process ends. */
export function createWriter(handle: number): (text: string) => void {
  let closed = false;
  return (text) => {
    const bytes = Buffer.from(text);
    for (let done = 0; done < bytes.length && !closed;) {
      try {
        done += writeSync(handle, bytes, done);
      } catch (error) {
        const code = systemCode(error);
        // The reader of a pipe went away (`lull log | head -1`), or the terminal did: nobody is left to tell.
        if (code === "EPIPE" || code === "EIO") closed = true;
        // A pipe that another process made non-blocking is full for the moment.
        else if (code === "EAGAIN") Bun.sleepSync(5);
        else throw error;
      }
    }
  };
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * The first signal asks the command to stop where it is safe; the second ends the process as if unhandled. A command
 * that stays can ask for more: that SIGHUP means something else, and that the second signal is told before a third one
 * ends the process.
 */
export function listenForSignals(): ProcessSignals {
  const first = new AbortController();
  const second = new AbortController();
  let isSecondTaken = false;
  let onHangUp: (() => void) | undefined;
  for (const name of SIGNALS) {
    process.on(name, () => {
      if (name === "SIGHUP" && onHangUp !== undefined && hasTerminal()) onHangUp();
      else if (!first.signal.aborted) first.abort();
      else if (isSecondTaken && !second.signal.aborted) second.abort();
      else {
        for (const other of SIGNALS) process.removeAllListeners(other);
        process.kill(process.pid, name);
      }
    });
  }
  return {
    signal: first.signal,
    takeSecond() {
      isSecondTaken = true;
      return second.signal;
    },
    takeHangUp(handler) {
      onHangUp = handler;
      return {
        [Symbol.dispose]() {
          onHangUp = undefined;
        },
      };
    },
  };
}

/** A terminal that was closed also sends SIGHUP: what ran in it is to end. Without one (a service) it is a request. */
function hasTerminal(): boolean {
  if (!isTerminal(STDIN)) return true;
  try {
    closeSync(openSync("/dev/tty", "r"));
    return true;
  } catch {
    return false;
  }
}

/** Ends with the signal: a command that waits for a line would keep the process alive. */
async function* readStdin(signal: AbortSignal): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const reader = Bun.stdin.stream().getReader();
  const cancel = (): void => void reader.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  if (signal.aborted) cancel();
  for (let next = await reader.read(); !next.done; next = await reader.read())
    yield decoder.decode(next.value, { stream: true });
  yield decoder.decode();
}

/** A folder that was deleted under a shell has no name any more; the root stands in for it. */
function currentDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return "/";
  }
}
