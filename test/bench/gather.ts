/** What a settings source costs when nothing in the home has changed, beside the copy that people make by hand. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { tempHome } from "../helpers/temp-home.ts";
import { removeTemporary } from "../helpers/temporary.ts";
import type { Benchmark } from "./benchmark.ts";
import { measure, runCommand } from "./measure.ts";
import { renderTable } from "./table.ts";

const FILES = 10_000;

export const gathering: Benchmark = {
  name: "gathering",
  about: `A new process that finds nothing to gather in ${FILES} files of a home, beside rsync of the same tree; goal: at most 1.5 times as long.`,
  run: async ({ binary }) => {
    const place = tempHome();
    try {
      for (let number = 0; number < FILES; number++) {
        const file = join(place.home, `data/folder-${number % 400}/settings-${number}.conf`);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, `key = ${number}\n`.repeat(1 + (number % 100)));
      }
      const remote = join(place.outside, "remote.git");
      runCommand({
        name: "git init",
        argv: ["git", "init", "-q", "--bare", "-b", "main", remote],
        env: place.env,
      });
      mkdirSync(dirname(place.configFile), { recursive: true });
      const source = `{ settings: {}, remote: ${remote}, files: [~/data/] }`;
      writeFileSync(place.configFile, `version: 1\nsources:\n  settings: ${source}\n`, { mode: 0o600 });
      const rsync = {
        name: "rsync -a --delete",
        argv: ["rsync", "-a", "--delete", `${join(place.home, "data")}/`, `${join(place.home, "copy")}/`],
        env: place.env,
      };
      const lull = { name: "lull sync", argv: [binary, "sync", "--quiet"], cwd: place.home, env: place.env };
      // What is as young as the record is looked at again; nothing in a real home is.
      for (const command of [rsync, lull]) runCommand(command);
      await Bun.sleep(2500);
      runCommand(lull);
      return renderTable(await measure([rsync, lull], { runs: 15 }));
    } finally {
      removeTemporary();
    }
  },
};
