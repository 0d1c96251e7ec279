/** What a sync costs when there is nothing to do: the case of nearly every run of an unattended tool. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { tempHome } from "../helpers/temp-home.ts";
import { removeTemporary } from "../helpers/temporary.ts";
import type { Benchmark } from "./benchmark.ts";
import { measure } from "./measure.ts";

const FILES = 1000;

export const noChange: Benchmark = {
  name: "no-change sync",
  about: `A new process that finds nothing to do in ${FILES} files against a remote in a folder, beside git's two commands that look at the same.`,
  run: ({ binary }) => {
    const place = tempHome();
    try {
      const notes = join(place.home, "notes");
      for (let number = 0; number < FILES; number++) {
        const folder = join(notes, `folder-${number % 40}`);
        mkdirSync(folder, { recursive: true });
        writeFileSync(join(folder, `note-${number}.md`), `# Note ${number}\n`.repeat(1 + (number % 200)));
      }
      const lull = (...args: readonly string[]) => ({
        name: "lull sync",
        argv: [binary, ...args],
        cwd: place.home,
        env: place.env,
      });
      for (const args of [["add", "notes"], ["sync"]]) must(lull(...args));
      return measure(
        [
          {
            name: "git status + git ls-remote",
            argv: ["sh", "-c", "git status --porcelain && git ls-remote -q origin"],
            cwd: notes,
            env: place.env,
          },
          lull("sync", "--quiet"),
          { ...lull("status", "--quiet"), name: "lull status" },
        ],
        { runs: 15 },
      );
    } finally {
      removeTemporary();
    }
  },
};

function must(command: {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}): void {
  const { exitCode, stderr } = Bun.spawnSync([...command.argv], {
    cwd: command.cwd,
    env: command.env,
    stdout: "ignore",
    stderr: "pipe",
  });
  if (exitCode !== 0)
    throw new Error(`${command.argv.join(" ")} ended with ${exitCode}: ${stderr.toString()}`);
}
