import { expect, test } from "bun:test";

import { namedBy, namedWithin } from "../../src/settings/named-by.ts";

test.each([
  ["*.log", "a.log", true],
  ["*.log", "deep/er/a.log", true],
  ["*.log", "a.logs", false],
  ["Cache", "Code/Cache", true],
  ["**/Cache/**", "Code/Cache", true],
  ["**/Cache/**", "Cache", true],
  ["**/Cache/**", "Caches", false],
  ["User/snippets/", "User/snippets", true],
  ["User/snippets/", "Other/User/snippets", false],
  ["./a/b", "a/b", true],
  ["a/*", "a/b/c", false],
  ["*", ".hidden", true],
  [".foo*", ".foorc", true],
  ["{a,b}.md", "x/b.md", true],
])("%p on %p: %p", (pattern, path, isNamed) => {
  expect(namedBy([pattern])(path)).toBe(isNamed);
});

test("what lies in a named folder is within", () => {
  const isNamed = namedWithin(["keys/", "*.pem"]);
  expect(["keys/a", "x/keys/b/c", "a.pem", "a.pem/b", "key", "keys.md"].map((path) => isNamed(path))).toEqual(
    [true, true, true, true, false, false],
  );
  expect(namedWithin([])("a")).toBe(false);
});
