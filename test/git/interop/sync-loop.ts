/**
 * A lull that syncs again and again until its standard input ends, as a process of its own: `bun sync-loop.ts`, with
 * the environment of `temp-home.ts`. Prints the JSON of every run, one a line.
 */
import { runCli } from "../../../src/cli/run.ts";

const input = Bun.stdin.stream().getReader();
const over = input.read();
for (;;) {
  const printed: string[] = [];
  await runCli(["sync", "--json"], {
    stdout: (text) => void printed.push(text),
    stderr: (text) => void printed.push(text),
    env: process.env,
    cwd: process.cwd(),
    isTty: false,
    signal: new AbortController().signal,
  });
  process.stdout.write(`${JSON.stringify(JSON.parse(printed.join("")))}\n`);
  const goOn = new Promise<"go on">((resolve) => setImmediate(() => resolve("go on")));
  if ((await Promise.race([over, goOn])) !== "go on") break;
}
