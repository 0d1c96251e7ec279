/**
 * A lull that commits again and again, as a process of its own: `bun commit-loop.ts <folder> <name> <commits>`. Each
 * commit holds at least one new file of this writer. Prints the name of each commit.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { LullError } from "../../../src/base/errors.ts";
import { systemClock } from "../../../src/base/clock.ts";
import { createGit } from "../../../src/git/create-git.ts";

const [folder = "", name = "", commits = "0"] = process.argv.slice(2);
const { signal } = new AbortController();
const git = createGit({ clock: systemClock, environment: {}, windows: false });
const author = { name, email: `${name}@example.com`, seconds: 1_800_000_000, offsetMinutes: 0 };

for (let made = 0; made < Number(commits);) {
  writeFileSync(join(folder, `${name}-${made}`), `${name} ${made}\n`);
  const commit = await commitAll(`${name} ${made}`);
  if (commit !== undefined) process.stdout.write(`${commit}\n`);
  // Undefined: the other writer has taken the file along.
  made++;
}

async function commitAll(message: string): Promise<string | undefined> {
  for (;;) {
    const repository = git.open(folder);
    try {
      const { changes } = await repository.scan({ signal });
      if (changes.length === 0) return undefined;
      const paths = changes.map((change) => change.path);
      return repository.commit({ paths, message, author, signal });
    } catch (error) {
      if (!(error instanceof LullError) || !isBusy(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
    } finally {
      repository.close();
    }
  }
}

function isBusy({ code }: LullError): boolean {
  return ["INDEX_LOCKED", "REF_LOCKED", "REF_CHANGED", "REPOSITORY_BUSY"].includes(code);
}
