/** Generated trees that want to get out of the folder or into `.git`: none is checked out, not even in part. */
import { expect, test } from "bun:test";
import { lstatSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { LullError } from "../../../src/base/errors.ts";
import { MODE } from "../../../src/git/model.ts";
import type { FileMode, Oid, RepoPath } from "../../../src/git/model.ts";
import { serializeCommit } from "../../../src/git/objects/commit-object.ts";
import { openObjectBatch } from "../../../src/git/objects/object-batch.ts";
import { openObjectStore } from "../../../src/git/objects/object-store.ts";
import { figure, seeded } from "../../faults/options.ts";
import type { Random } from "../../helpers/random.ts";
import { temporaryDirectory } from "../../helpers/system-git.ts";
import { checkOut, commitFiles, newRepository, startAt } from "./fixture.ts";

const CASES = 800;

type Entry = { readonly mode: FileMode; readonly name: RepoPath; readonly oid: Oid };

/** As raw bytes: neither git nor lull would write these. */
function treeBytes(entries: readonly Entry[]): Buffer {
  return Buffer.concat(
    entries.flatMap(({ mode, name, oid }) => [
      Buffer.from(`${mode.toString(8)} ${name}\0`, "latin1"),
      Buffer.from(oid, "hex"),
    ]),
  );
}

const anyCase = (random: Random, text: string): string =>
  Array.from(text, (letter) => (random.chance(0.5) ? letter.toUpperCase() : letter)).join("");

/** Characters that HFS+ ignores, in UTF-8. */
const IGNORED = [
  "\xe2\x80\x8c",
  "\xe2\x80\x8f",
  "\xe2\x80\xaa",
  "\xe2\x81\xaa",
  "\xe2\x81\xaf",
  "\xef\xbb\xbf",
];

/** Between whole characters: amid the bytes of another one they would be no such character. */
function withIgnored(random: Random, text: string): string {
  const letters = Array.from(text, (letter) => (random.chance(0.3) ? random.pick(IGNORED) + letter : letter));
  return letters.join("") + random.pick(IGNORED);
}

/** A name that some file system takes for `.git`, for the folder above or for a path. */
function badName(random: Random): RepoPath {
  const git = anyCase(random, ".git");
  const short = anyCase(random, "git~1");
  const tail = random.pick([" ", ".", " .", ". .", "...", ":", "::$INDEX_ALLOCATION", ":x", "\\", "\\hooks"]);
  return random.pick([
    git,
    short,
    git + tail,
    short + tail,
    withIgnored(random, git),
    random.pick(IGNORED) + git,
    `a\\${git}`,
    `${random.pick(["a", "..", ""])}\\${random.pick([git, short])}\\config`,
    "..",
    ".",
    `../${random.pick(["x", "victim"])}`,
    `${git}/config`,
    `/${random.pick(["x", "etc/x"])}`,
    `a/../../x`,
    `x/`,
  ]);
}

/** Everything below a folder, with what files hold. */
function listing(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map(
      (name) =>
        `${name} ${lstatSync(join(folder, name)).isFile() ? readFileSync(join(folder, name), "latin1") : ""}`,
    )
    .sort();
}

function refusalOf(act: () => unknown): string {
  try {
    act();
    return "none";
  } catch (error) {
    if (error instanceof LullError) return error.code;
    throw error;
  }
}

test(`${CASES} malicious trees write nothing, neither outside nor inside`, () => {
  const random = seeded();
  const root = newRepository();
  const one = commitFiles(root, { a: "1", "d/b": "1" });
  startAt(root, one);
  // Makes lull's own folder of locks.
  checkOut(root, one);
  const outside = temporaryDirectory();
  mkdirSync(join(outside, "victim"));

  const store = openObjectStore(join(root, ".git"));
  const batch = openObjectBatch(store);
  const blob = batch.write("blob", Buffer.from("evil"));
  const link = batch.write("blob", Buffer.from(outside));
  const write = (entries: readonly Entry[]): Oid => batch.write("tree", treeBytes(entries));
  const file: Entry = { mode: MODE.file, name: "A", oid: blob };
  const inner = write([
    { ...file, name: "config" },
    { ...file, name: "victim" },
  ]);
  const person = { name: "m", email: "m@x", seconds: 1, offsetMinutes: 0 };

  const badEntries = (): readonly Entry[] => {
    if (random.chance(0.2)) {
      // Two entries of one name: the link of the first would lead the files of the second outside.
      const twins: Entry[] = [
        { mode: MODE.symlink, name: "s", oid: link },
        { mode: MODE.directory, name: "s", oid: inner },
      ];
      return random.chance(0.5) ? twins : twins.reverse();
    }
    if (random.chance(0.1)) return [{ mode: MODE.symlink, name: anyCase(random, ".gitmodules"), oid: link }];
    const name = badName(random);
    return [
      random.pick<Entry>([
        { mode: MODE.file, name, oid: blob },
        { mode: MODE.executable, name, oid: blob },
        { mode: MODE.symlink, name, oid: link },
        { mode: MODE.directory, name, oid: inner },
        { mode: MODE.submodule, name, oid: one },
      ]),
    ];
  };
  const targets = Array.from({ length: CASES }, () => {
    const bad = badEntries();
    let tree = write(random.chance(0.5) ? [file, ...bad] : [...bad, file]);
    for (let depth = random.below(4); depth > 0; depth--)
      tree = write([file, { mode: MODE.directory, name: random.pick(["d", "z", "a"]), oid: tree }]);
    const commit = batch.write(
      "commit",
      serializeCommit({ tree, parents: [one], author: person, committer: person, message: "m\n" }),
    );
    return { commit, names: bad.map(({ name, mode }) => `${mode.toString(8)} ${name}`) };
  });
  batch.finish();
  store.close();

  const before = [...listing(root), ...listing(outside)];
  const accepted = targets.filter(
    ({ commit }) => refusalOf(() => checkOut(root, commit)) !== "TREE_NAME_FORBIDDEN",
  );
  expect(accepted.map(({ names }) => names)).toEqual([]);
  expect([...listing(root), ...listing(outside)]).toEqual(before);
  figure("malicious trees", `${CASES} trees: none checked out, nothing written inside or outside`);
}, 120_000);
