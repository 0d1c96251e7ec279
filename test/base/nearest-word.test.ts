import { expect, test } from "bun:test";

import { nearestWord } from "../../src/base/nearest-word.ts";

const COMMANDS = ["init", "add", "remove", "list", "sync", "status", "diff", "log", "config"];

test.each([
  ["snyc", "sync"],
  ["satus", "status"],
  ["statuss", "status"],
  ["Sync", "sync"],
  ["confg", "config"],
  ["lsit", "list"],
])("%p probably means %p", (word, meant) => {
  expect(nearestWord(word, COMMANDS)).toBe(meant);
});

test.each(["", "x", "clone", "wibble", "sy"])("%p resembles no command", (word) => {
  expect(nearestWord(word, COMMANDS)).toBeUndefined();
});

test("a single letter does not stand for another letter", () => {
  expect(nearestWord("a", ["b", "c"])).toBeUndefined();
});

test("the closest of several wins, and of equally close ones the first", () => {
  expect(nearestWord("branches", ["branch", "branched"])).toBe("branched");
  expect(nearestWord("bat", ["cat", "hat"])).toBe("cat");
});

test("without candidates there is nothing to suggest", () => {
  expect(nearestWord("sync", [])).toBeUndefined();
});
