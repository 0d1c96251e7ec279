import { describe, expect, test } from "bun:test";

import { matchesPath, parsePathPattern } from "../../../src/git/worktree/path-pattern.ts";
import { RuleIndex } from "../../../src/git/worktree/rule-index.ts";
import { seededRandom } from "../../helpers/random.ts";
import type { Random } from "../../helpers/random.ts";

const WORDS = [
  "a",
  "b",
  "A",
  "a.o",
  "b.O",
  ".o",
  "a.tar.gz",
  "x.",
  "",
  "*",
  "*.o",
  "*.tar.gz",
  "*a",
  "*.",
  "**",
  "[a",
  "\\a",
  "?",
];

function randomPattern(random: Random): string {
  const words = Array.from({ length: 1 + random.below(3) }, () => random.pick(WORDS));
  return `${random.pick(["", "", "/"])}${words.join("/")}${random.pick(["", "", "/"])}`;
}

function randomPath(random: Random, directory: string): string {
  const names = Array.from({ length: 1 + random.below(3) }, () =>
    random.pick(["a", "b", "A", "a.o", "c.O", "x.tar.gz", ".o", "x."]),
  );
  return directory === "" ? names.join("/") : `${directory}/${names.join("/")}`;
}

describe("the index of a rule file", () => {
  test("names the same patterns, in the same order, as trying them one by one", () => {
    for (let seed = 1; seed <= 3_000; seed++) {
      const random = seededRandom(seed);
      const directory = random.pick(["", "d", "d/e"]);
      const ignoreCase = random.chance(0.3);
      const sources = Array.from({ length: random.below(12) }, () => randomPattern(random));
      const patterns = sources.map((source) => (random.chance(0.1) ? undefined : parsePathPattern(source)));
      const index = new RuleIndex(patterns, { directory, ignoreCase });
      for (let round = 0; round < 5; round++) {
        const path = randomPath(random, directory);
        const isDirectory = random.chance(0.5);
        const expected = [...patterns.keys()].reverse().filter((place) => {
          const pattern = patterns[place];
          if (pattern === undefined || (pattern.directoryOnly && !isDirectory)) return false;
          return matchesPath(pattern, path, directory, ignoreCase);
        });
        const found: number[] = [];
        for (let at = index.last(path, isDirectory); at >= 0; at = index.last(path, isDirectory, at))
          found.push(at);
        expect({ seed, sources, path, found }).toEqual({ seed, sources, path, found: expected });
      }
    }
  });
});
