/** What a sync costs when there is nothing to do: the case of nearly every run of an unattended tool. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { tempHome } from "../helpers/temp-home.ts";
import { removeTemporary } from "../helpers/temporary.ts";
import type { Benchmark } from "./benchmark.ts";
import { measure, runCommand } from "./measure.ts";
import { renderTable } from "./table.ts";

const FILES = 1000;

export const noChange: Benchmark = {
  name: "no-change sync",
  about: `A new process that finds nothing to do in ${FILES} files against a remote in a folder, beside git's two commands that look at the same.`,
  run: async ({ binary }) => {
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
      for (const args of [["add", "notes"], ["sync"]]) runCommand(lull(...args));
      return renderTable(
        await measure(
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
        ),
      );
    } finally {
      removeTemporary();
    }
  },
};
