/** Each guard by itself, on both sides of its thresholds. */
import { expect, test } from "bun:test";

import type { FileDifference } from "../../../src/git/git.ts";
import { repoPath } from "../../../src/git/paths.ts";
import { contentDeletions } from "../../../src/sync/guards/content-deletions.ts";
import { emptiedFolder } from "../../../src/sync/guards/emptied-folder.ts";
import { everythingChanged } from "../../../src/sync/guards/everything-changed.ts";
import { fileSize } from "../../../src/sync/guards/file-size.ts";
import { filteredFiles } from "../../../src/sync/guards/filtered-files.ts";
import { firstPaths, markOf } from "../../../src/sync/guards/guards.ts";
import { keyFile } from "../../../src/sync/guards/key-files.ts";
import { incomingDeletion, massDeletion } from "../../../src/sync/guards/mass-deletion.ts";
import { foldName, nameTwin, portableName } from "../../../src/sync/guards/portable-names.ts";

const LIMITS = { percent: 30, files: 50 };

function paths(count: number): readonly string[] {
  return Array.from({ length: count }, (_, number) => `f${number}`);
}

test.each([
  [3, 10, false],
  [4, 10, true],
  [9, 9, false],
  [3, 9, false],
  [30, 100, false],
  [31, 100, true],
  [50, 1000, false],
  [51, 1000, true],
  [0, 0, false],
])("%d of %d deleted files are a mass: %p", (deleted, tracked, trips) => {
  const facts = { deleted: paths(deleted), tracked, limits: LIMITS };
  expect(massDeletion(facts) !== undefined).toBe(trips);
  expect(incomingDeletion({ ...facts, remote: "origin" }) !== undefined).toBe(trips);
  expect(massDeletion({ ...facts, limits: undefined })).toBeUndefined();
});

test("a mark names one set of paths, in any order, and one guard", () => {
  expect(markOf("deletions", ["a", "b"])).toBe(markOf("deletions", ["b", "a"]));
  expect(markOf("deletions", ["a", "b"])).not.toBe(markOf("deletions", ["a", "b", "c"]));
  expect(markOf("deletions", ["a", "b"])).not.toBe(markOf("deletions", ["a\0", "b"]));
  expect(markOf("deletions", ["a"])).not.toBe(markOf("incoming-deletions", ["a"]));
});

test.each([
  [2, 2, 0, true],
  [200, 200, 0, true],
  [1, 1, 0, false],
  [2, 2, 1, false],
  [2, 3, 0, false],
  [0, 0, 0, false],
])("%d of %d gone and %d new: emptied: %p", (deleted, tracked, added, trips) => {
  expect(emptiedFolder({ deleted, tracked, added }) !== undefined).toBe(trips);
});

test.each([
  [16, 20, false],
  [17, 20, true],
  [19, 19, false],
])("%d of %d changed: everything: %p", (changed, tracked, trips) => {
  const facts = { changed: paths(changed), tracked };
  expect(everythingChanged({ ...facts, limits: { percent: 80, files: 20 } }) !== undefined).toBe(trips);
  expect(everythingChanged({ ...facts, limits: undefined })).toBeUndefined();
});

test("what moves is not deleted; a second deleted copy of it is not either", () => {
  const version = (oid: string) => ({ mode: 0o100644, oid }) as const;
  const differences: readonly FileDifference[] = [
    { path: "a", before: version("1"), after: undefined },
    { path: "b", before: version("2"), after: undefined },
    { path: "c", before: undefined, after: version("1") },
    { path: "d", before: version("3"), after: version("2") },
  ];
  expect(contentDeletions(differences)).toEqual(["b"]);
});

test("a size limit counts from the byte above it", () => {
  expect(fileSize({ path: "a", size: 95_000_000 }, 95_000_000)).toBeUndefined();
  expect(fileSize({ path: "a", size: 95_000_001 }, 95_000_000)).toMatchObject({ guard: "file-size" });
  expect(fileSize({ path: "a", size: 1e12 }, undefined)).toBeUndefined();
});

test("filters are named with their files", () => {
  expect(filteredFiles([])).toBeUndefined();
  expect(filteredFiles(["a.bin"])?.message).toStartWith("a.bin needs a program");
  expect(filteredFiles(["a", "b", "c", "d"])?.message).toStartWith("a, b, c and 1 more need a program");
  expect(firstPaths(["a", "b"])).toBe("a, b");
});

test.each([
  ["id_rsa", true],
  [".ssh/id_ed25519", true],
  ["id_ed25519.pub", false],
  ["certs/site.p12", true],
  ["site.pem", false],
  [".env", false],
  ["release.keystore", true],
  ["passwords.kdbx", true],
  ["id_rsa.md", false],
  [".git-credentials", true],
])("a key file by its name: %s: %p", (path, trips) => {
  expect(keyFile(path) !== undefined).toBe(trips);
});

test.each([
  "a:b",
  "what?",
  "a*b",
  "<x>",
  'say "hi"',
  "a|b",
  "back\\slash",
  "dot.",
  "blank ",
  "tab\there",
  "con",
  "NUL.txt",
  "Com1.log",
  "lpt9",
  "aux/readme.md",
  "docs ./a.md",
])("a name that Windows can not hold: %j", (name) => {
  expect(portableName(name)).toMatchObject({ guard: "name" });
});

test.each(["a.md", ".hidden", "console", "com10", "com", "a b", "con-fig/x", repoPath("naïve.md"), "..a"])(
  "a name for every system: %j",
  (name) => {
    expect(portableName(name)).toBeUndefined();
  },
);

test("twins differ by case, or by how a character is composed", () => {
  expect(foldName("README.md")).toBe(foldName("readme.MD"));
  expect(foldName(repoPath("É.md"))).toBe(foldName(repoPath("e\u0301.md")));
  expect(foldName(repoPath("é"))).not.toBe(foldName("e"));
  expect(nameTwin("A.md", "a.md")?.reason).toContain("beside a.md");
  expect(nameTwin("A.md", undefined)).toBeUndefined();
});
