import { expect, test } from "bun:test";

import { overlap } from "./glob-overlap.ts";

test.each([
  ["a/b", "a/b", true],
  ["a/b", "a/c", false],
  ["a/", "a/b/c", true],
  ["a/", "b/", false],
  ["a/", "a/b/", true],
  ["*.conf", "irc.conf", true],
  ["*.conf", ".conf", true],
  ["*.conf", "a/irc.conf", false],
  ["**/*.conf", "a/b/irc.conf", true],
  ["**/cache/**", "User/", true],
  ["**/cache/**", "User/settings.json", false],
  ["a*c", "*b*", true],
  ["a?c", "abc", true],
  ["a?c", "ac", false],
  ["*/options/*.xml", "Rider*/options/editor.xml", true],
  ["IdeaIC*/x", "PyCharm*/x", false],
])("%s and %s: %p", (one, other, expected) => {
  expect(overlap(one, other)).toBe(expected);
  expect(overlap(other, one)).toBe(expected);
});
