import { systemCode } from "../base/errors.ts";
import { LineSplitter } from "../base/line-splitter.ts";

/** A child process as the pool sees it. */
export type WorkerChild = {
  readonly pid: number;
  send(line: string): void;
  /** Ends its stdin: it finishes what it does, then goes. */
  end(): void;
  kill(signal: "SIGTERM" | "SIGKILL"): void;
  /** What ended it, in words, and its last words on stderr. */
  readonly exited: Promise<ChildExit>;
};

export type ChildExit = { readonly how: string; readonly stderr: string };

export type StartChild = (onLine: (line: string) => void) => WorkerChild;

/** Of what a dying worker says the end is what tells. */
const LAST_WORDS = 4000;

/**
 * Starts `lull daemon worker` in a process group of its own: Ctrl-C in the terminal of a foreground daemon must not
 * reach the sync that the daemon is going to wait for.
 */
export function startChild(
  command: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): StartChild {
  return (onLine) => {
    const child = Bun.spawn([...command], {
      stdin: "pipe",
      stdout: "pipe",
      stderr: "pipe",
      env: { ...env },
      detached: true,
      windowsHide: true,
    });
    const read = readLines(child.stdout, onLine);
    const words = lastWords(child.stderr);
    return {
      pid: child.pid,
      send: (line) => {
        void unlessGone(() => {
          void child.stdin.write(line);
          return child.stdin.flush();
        });
      },
      end: () => void unlessGone(() => child.stdin.end()),
      kill: (signal) => child.kill(signal),
      exited: (async () => {
        await child.exited;
        const [, stderr] = await Promise.all([read, words]);
        const how =
          child.signalCode === null
            ? `exit code ${child.exitCode ?? "unknown"}`
            : `signal ${child.signalCode}`;
        return { how, stderr };
      })(),
    };
  };
}

/** A process that has just died takes nothing any more; that it is gone is told by `exited`. */
async function unlessGone(write: () => unknown): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!["EPIPE", "EBADF", "ERR_INVALID_STATE"].includes(systemCode(error) ?? "")) throw error;
  }
}

async function readLines(stream: ReadableStream<Uint8Array>, onLine: (line: string) => void): Promise<void> {
  const lines = new LineSplitter();
  for await (const chunk of stream) for (const line of lines.push(chunk)) onLine(line);
}

async function lastWords(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream)
    text = (text + decoder.decode(chunk, { stream: true })).slice(-LAST_WORDS);
  return text.trim();
}
