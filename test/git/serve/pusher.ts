/** One of several processes that push to the same folder: commits, pushes, and on a lost race fetches and merges again. */
import { writeFileSync } from "node:fs";

import { git } from "../../helpers/system-git.ts";
import { wireClient } from "../../helpers/wire-client.ts";

const [tree = "", remote = "", name = "", rounds = "0"] = process.argv.slice(2);
const client = wireClient(tree, remote);

for (let round = 0; round < Number(rounds); round++) {
  writeFileSync(`${tree}/${name}-${round}`, `${name} ${round}\n`);
  git(tree, "add", "-A");
  git(tree, "commit", "-q", "-m", `${name} ${round}`);
  for (;;) {
    const result = await client.push("refs/heads/main", git(tree, "rev-parse", "HEAD"));
    if (result.kind !== "behind") break;
    await Bun.sleep(Math.random() * 20);
    await client.fetch();
    git(tree, "merge", "-q", "-m", "merge", "origin/main");
  }
}
