import type { StartProgram } from "../base/program.ts";
import { killGroup, unlessMissing } from "./run-program.ts";

/** Of what a program complains about its beginning tells. */
const MOST_COMPLAINT = 16_384;

/** A child of the program may hold stderr open beyond its end, as the master of a shared SSH connection does. */
const LAST_WORDS_MS = 500;

export const startProgram: StartProgram = (command, env) => {
  const child = unlessMissing(() =>
    Bun.spawn([...command], {
      stdin: "pipe",
      stdout: "pipe",
      stderr: "pipe",
      windowsHide: true,
      // A group of its own: what it started in turn ends with it, and Ctrl-C in a terminal reaches lull alone.
      detached: true,
      env: { ...env },
    }),
  );
  if (child === undefined) return undefined;
  const complaint = new FirstText(child.stderr);
  let isOver = false;
  return {
    output: child.stdout[Symbol.asyncIterator](),
    async write(bytes) {
      void child.stdin.write(bytes);
      await child.stdin.flush();
    },
    end() {
      // What it did not take any more is told by its end.
      void Promise.resolve(child.stdin.end()).catch(() => {});
    },
    ended: (async () => {
      await child.exited;
      isOver = true;
      const stderr = await complaint.soon(LAST_WORDS_MS);
      return { code: child.exitCode ?? undefined, stderr };
    })(),
    kill() {
      if (!isOver) killGroup(child);
    },
  };
};

class FirstText {
  readonly #pieces: Uint8Array[] = [];
  readonly #whole: Promise<void>;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#whole = this.#read(stream);
  }

  /** What has come when the stream ends, or so many milliseconds from now. */
  async soon(ms: number): Promise<string> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    await Promise.race([this.#whole, patience]);
    clearTimeout(timer);
    return Buffer.concat(this.#pieces).toString();
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    let size = 0;
    for await (const piece of stream) {
      // What is beyond is read all the same, or the program would wait for a reader.
      if (size < MOST_COMPLAINT) this.#pieces.push(piece.subarray(0, MOST_COMPLAINT - size));
      size += piece.length;
    }
  }
}
