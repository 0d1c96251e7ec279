/** A real terminal around lull: what a person sees and types. */
import { LULL_COMMAND } from "./daemon-process.ts";
import type { Device } from "./device.ts";

export const WIDTH = 70;
/** Only for a test that fails anyway. */
const PATIENCE_MS = 30_000;

export type Shown = AsyncDisposable & {
  /** All that the terminal got, without colours. */
  readonly text: () => string;
  readonly raw: () => string;
  /** Waits until the terminal shows it, after what was waited for before. */
  sees(words: string): Promise<void>;
  type(keys: string): void;
  readonly exited: Promise<number>;
};

/** Runs lull on a device in a terminal of its own. */
export function inTerminal(device: Device, args: readonly string[]): Shown {
  let raw = "";
  let seen = 0;
  let wake = Promise.withResolvers<void>();
  const decoder = new TextDecoder();
  const child = Bun.spawn([...LULL_COMMAND, ...args], {
    cwd: device.home,
    env: { ...device.env, TERM: "xterm-256color", NO_COLOR: undefined, CI: undefined },
    terminal: {
      cols: WIDTH,
      rows: 24,
      data: (_, bytes) => {
        raw += decoder.decode(bytes, { stream: true });
        wake.resolve();
        wake = Promise.withResolvers<void>();
      },
    },
  });
  // The last line is written over and over: each time counts as a line.
  const text = (): string => Bun.stripANSI(raw.replaceAll("\r\n", "\n").replaceAll("\r\u001B[2K", "\n"));
  return {
    text,
    raw: () => raw,
    exited: child.exited,
    type: (keys) => void child.terminal?.write(keys),
    async sees(words) {
      const end = performance.now() + PATIENCE_MS;
      for (;;) {
        const at = text().indexOf(words, seen);
        if (at >= 0) {
          seen = at + words.length;
          return;
        }
        const left = end - performance.now();
        if (left <= 0 || child.exitCode !== null)
          throw new Error(`the terminal does not show "${words}":\n${text()}`);
        await Promise.race([wake.promise, child.exited, Bun.sleep(left)]);
      }
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) child.kill("SIGKILL");
      await child.exited;
      child.terminal?.close();
    },
  };
}
