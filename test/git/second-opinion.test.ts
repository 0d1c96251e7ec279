/** isomorphic-git as a second reader: another implementation understands what the engine writes, and the other way round. */
import { expect, test } from "bun:test";
import * as fs from "node:fs";
import { join } from "node:path";
import git from "isomorphic-git";

import { createGit } from "../../src/git/create-git.ts";
import { fakeClock } from "../helpers/fake-clock.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

const signal = new AbortController().signal;
const author = { name: "Ada", email: "ada@example.com", seconds: 1_800_000_000, offsetMinutes: -90 };

function ours(directory: string) {
  const clock = fakeClock(1_800_000_000_000);
  return createGit({
    clock,
    environment: { HOME: "/nonexistent", GIT_CONFIG_NOSYSTEM: "1" },
    windows: false,
  }).open(directory);
}

function makeRepository(files: number): string {
  const directory = join(temporaryDirectory(), "work");
  const clock = fakeClock(1_800_000_000_000);
  createGit({ clock, environment: {}, windows: false }).init(directory, { bare: false, branch: "main" });
  for (let number = 0; number < files; number++) {
    fs.mkdirSync(join(directory, `d${number % 7}`), { recursive: true });
    fs.writeFileSync(
      join(directory, `d${number % 7}`, `f${number}.md`),
      `file ${number}\n`.repeat(number + 1),
    );
  }
  return directory;
}

// Below and above the number of objects from which on a commit is one pack.
for (const files of [2, 40]) {
  test(`reads index, trees, blobs and commit of ${files} files that the engine wrote`, async () => {
    const directory = makeRepository(files);
    const repository = ours(directory);
    const { changes } = repository.scan({ signal });
    const oid = repository.commit({
      paths: changes.map((change) => change.path),
      message: "by the engine",
      author,
      signal,
    });
    repository.close();
    const [entry] = await git.log({ fs, dir: directory });
    expect(entry?.oid).toBe(oid ?? "none");
    expect(entry?.commit).toMatchObject({
      message: "by the engine\n",
      author: { name: "Ada", email: "ada@example.com", timestamp: 1_800_000_000, timezoneOffset: 90 },
    });
    const matrix = await git.statusMatrix({ fs, dir: directory });
    expect(matrix).toHaveLength(files);
    expect(matrix.every(([, head, workdir, stage]) => head === 1 && workdir === 1 && stage === 1)).toBe(true);
    const { blob } = await git.readBlob({ fs, dir: directory, oid: oid ?? "", filepath: "d1/f1.md" });
    expect(Buffer.from(blob).toString()).toBe("file 1\nfile 1\n");
  });
}

test("the engine reads index, objects and refs that isomorphic-git wrote", async () => {
  const directory = makeRepository(5);
  await git.add({ fs, dir: directory, filepath: "." });
  const oid = await git.commit({
    fs,
    dir: directory,
    message: "by the other",
    author: { name: "Bo", email: "bo@example.com" },
  });
  const repository = ours(directory);
  expect(repository.readRef("refs/heads/main")).toBe(oid);
  expect(repository.readCommit(oid)).toMatchObject({ message: "by the other\n", author: { name: "Bo" } });
  expect(repository.compare(undefined, oid)).toHaveLength(5);
  expect(repository.scan({ signal }).changes).toEqual([]);
  repository.close();
});
