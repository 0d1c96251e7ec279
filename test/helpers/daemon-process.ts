/** A daemon of a test's own in a process of its own, from the binary or from the sources. */
import { resolve } from "node:path";

import type { Device } from "./device.ts";

const binary = process.env["LULL_E2E_BINARY"] ?? "";
export const LULL_COMMAND =
  binary === "" ? [process.execPath, resolve(import.meta.dir, "../../src/main.ts")] : [resolve(binary)];

export type StoryLine = Readonly<Record<string, unknown>> & { readonly kind: string };

export type RunningDaemon = AsyncDisposable & {
  readonly pid: number;
  /** All that it told so far. */
  readonly story: readonly StoryLine[];
  readonly stderr: () => string;
  /** Waits for an event of the story that was not waited for before; fails after a deadline with the whole story. */
  next(kind: string, matches?: (event: StoryLine) => boolean): Promise<StoryLine>;
  signal(name: "SIGTERM" | "SIGKILL" | "SIGHUP" | "SIGINT"): void;
  readonly exited: Promise<number>;
};

/** Only for a test that fails anyway: everything that is waited for is an event. */
const DEADLINE_MS = 30_000;

/** Runs `lull daemon run --json` on a device and waits until it has begun. */
export async function runDaemon(device: Device, flags: readonly string[] = []): Promise<RunningDaemon> {
  const child = Bun.spawn([...LULL_COMMAND, "daemon", "run", "--json", ...flags], {
    cwd: device.home,
    env: { ...device.env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const story: StoryLine[] = [];
  let stderr = "";
  let seen = 0;
  let wake = Promise.withResolvers<void>();
  const read = (async () => {
    let rest = "";
    const decoder = new TextDecoder();
    for await (const chunk of child.stdout) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      story.push(...lines.map((line) => JSON.parse(line) as StoryLine));
      wake.resolve();
      wake = Promise.withResolvers<void>();
    }
    wake.resolve();
  })();
  const readErrors = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of child.stderr) stderr += decoder.decode(chunk, { stream: true });
  })();
  const exited = (async () => {
    const code = await child.exited;
    await Promise.all([read, readErrors]);
    return code;
  })();
  let hasEnded = false;
  const noteEnd = async (): Promise<void> => {
    await exited;
    hasEnded = true;
  };
  void noteEnd();
  const daemon: RunningDaemon = {
    pid: child.pid,
    story,
    stderr: () => stderr,
    exited,
    signal: (name) => child.kill(name),
    async next(kind, matches = () => true) {
      const deadline = setTimeout(() => wake.resolve(), DEADLINE_MS);
      const end = performance.now() + DEADLINE_MS;
      try {
        for (;;) {
          for (; seen < story.length; seen++) {
            const event = story[seen];
            if (event?.kind === kind && matches(event)) {
              seen++;
              return event;
            }
          }
          if (hasEnded || performance.now() >= end) {
            throw new Error(
              `the daemon told no "${kind}"${hasEnded ? " before it ended" : ""}:\n${story.map((one) => JSON.stringify(one)).join("\n")}\n${stderr}`,
            );
          }
          await Promise.race([wake.promise, exited]);
        }
      } finally {
        clearTimeout(deadline);
      }
    },
    async [Symbol.asyncDispose]() {
      if (!hasEnded) child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), DEADLINE_MS);
      await exited;
      clearTimeout(late);
    },
  };
  await daemon.next("started");
  return daemon;
}
