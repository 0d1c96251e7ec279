import { expect, test } from "bun:test";

import type { FileDifference } from "../../../src/git/git.ts";
import { MODE } from "../../../src/git/model.ts";
import { filesToBring, isWithin } from "../../../src/sync/go-back/choose-files.ts";

const version = { mode: MODE.file, oid: "1".repeat(40) };
const came = (path: string): FileDifference => ({ path, before: version, after: undefined });
const went = (path: string): FileDifference => ({ path, before: undefined, after: version });
const differ = (path: string): FileDifference => ({ path, before: version, after: version });

test.each([
  ["a/b.md", [], true],
  ["a/b.md", [""], true],
  ["a/b.md", ["a"], true],
  ["a/b.md", ["a/b.md"], true],
  ["a/b.md", ["x", "a/b.md"], true],
  ["ab.md", ["a"], false],
  ["a", ["a/b.md"], false],
])("%s within %p: %p", (path, paths, expected) => expect(isWithin(path, paths)).toBe(expected));

test("a rollback removes what was not there then, a restore does not", () => {
  const differences = [came("new.md"), differ("both.md"), went("gone.md")];
  expect([...filesToBring(differences, [], true).keys()]).toEqual(["new.md", "both.md", "gone.md"]);
  expect([...filesToBring(differences, [], false).keys()]).toEqual(["both.md", "gone.md"]);
  expect([...filesToBring(differences, ["new.md"], true)]).toEqual([["new.md", undefined]]);
  expect(filesToBring(differences, ["new.md"], false).size).toBe(0);
});

test("a restore removes only what stands in the way: a file for a folder, a folder's files for a file", () => {
  const folderThen = filesToBring([came("plans"), went("plans/a.md"), came("other.md")], [], false);
  expect([...folderThen]).toEqual([
    ["plans", undefined],
    ["plans/a.md", version],
  ]);
  const fileThen = filesToBring([came("plans/a.md"), came("plans/deep/b.md"), went("plans")], [], false);
  expect([...fileThen.keys()]).toEqual(["plans/a.md", "plans/deep/b.md", "plans"]);
});
