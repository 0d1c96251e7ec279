import { expect, test } from "bun:test";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { hashObject } from "../../../src/git/objects/hash-object.ts";
import { writeLoose } from "../../../src/git/objects/loose-object.ts";
import { git, temporaryDirectory } from "../../helpers/system-git.ts";

const bytes = Buffer.from("content\n");
const oid = hashObject("blob", bytes);
const FOLDER = `.git/objects/${oid.slice(0, 2)}`;

/** What `git gc` does with all folders of objects that it finds empty, here again and again. */
const SWEEP = `
  const { existsSync, rmdirSync } = require("node:fs");
  console.log("sweeping");
  for (let folder = 0; folder !== 0 || existsSync("sweeping"); folder = (folder + 1) % 256) {
    try {
      rmdirSync(".git/objects/" + folder.toString(16).padStart(2, "0"));
    } catch {}
  }`;

test("objects are written while git removes empty folders of objects", async () => {
  const root = temporaryDirectory();
  git(root, "init", "-q");
  const temporary = join(root, "temporary");
  mkdirSync(temporary);
  writeFileSync(join(root, "sweeping"), "");
  const sweeper = Bun.spawn([process.execPath, "-e", SWEEP], { cwd: root, stdout: "pipe" });
  await sweeper.stdout.getReader().read();
  try {
    for (let round = 0; round < 500; round++) {
      rmSync(join(root, FOLDER), { recursive: true, force: true });
      writeLoose(join(root, ".git/objects"), temporary, [{ oid, kind: "blob", bytes }]);
    }
  } finally {
    rmSync(join(root, "sweeping"));
    await sweeper.exited;
  }
  expect(git(root, "cat-file", "blob", oid)).toBe("content");
});
