/** A pack on its way out, while the repository it is made from is read by others. */
import { expect, test } from "bun:test";

import { systemClock } from "../../src/base/clock.ts";
import { createGit } from "../../src/git/create-git.ts";
import { fsck, git, gitRaw, temporaryDirectory } from "../helpers/system-git.ts";
import { openConnection } from "../helpers/wire-client.ts";

const OBJECTS = 6000;

test("what goes out is whole, whatever is read from the same packs meanwhile", async () => {
  const folder = temporaryDirectory();
  git(folder, "init", "-q", "-b", "main", "work");
  git(folder, "init", "-q", "--bare", "remote.git");
  const directory = `${folder}/work`;
  // So many small objects that the others come to their turn between the parts of one of them.
  const files = Array.from({ length: OBJECTS }, (_, index) => {
    const content = `${index} ${(index * 7919) % 104_729}`;
    return `M 644 inline ${index % 90}/${index}\ndata ${content.length}\n${content}\n`;
  });
  const head = "commit refs/heads/main\ncommitter a <a@a> 1 +0000\ndata 1\nx\n";
  gitRaw(directory, ["fast-import", "--quiet"], { input: head + files.join("") });
  git(directory, "repack", "-q", "-a", "-d", "-f", "--depth=0");

  const repository = createGit({ clock: systemClock, environment: {}, windows: false }).open(directory);
  const commit = repository.readRef("refs/heads/main") ?? "";
  const far = [10, OBJECTS - 10].map((file) => git(directory, "rev-parse", `main:${file % 90}/${file}`));
  const { signal } = new AbortController();
  const connection = await openConnection(`${folder}/remote.git`, { signal });
  const state = { isDone: false };
  const pushed = repository
    .push({
      connection,
      remote: "origin",
      ref: "refs/heads/main",
      commit,
      signal,
      isBesideOthers: true,
    })
    .finally(() => {
      state.isDone = true;
    });
  for (let index = 0; !state.isDone; index++) {
    repository.readBlob(far[index % 2] ?? "");
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await pushed).toMatchObject({ kind: "pushed" });
  await connection.close();
  repository.close();
  fsck(`${folder}/remote.git`);
  expect(git(folder, "-C", "remote.git", "rev-parse", "main")).toBe(commit);
});
