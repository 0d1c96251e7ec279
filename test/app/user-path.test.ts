import { expect, test } from "bun:test";

import { absolutePath, shortPath } from "../../src/app/user-path.ts";

const base = { home: "/home/ada", cwd: "/here" };

test("paths count from the home folder, the current folder or the root, as typed", () => {
  expect(absolutePath("~", base)).toBe("/home/ada");
  expect(absolutePath("~/notes/", base)).toBe("/home/ada/notes");
  expect(absolutePath("notes", base)).toBe("/here/notes");
  expect(absolutePath("../x/./y", base)).toBe("/x/y");
  expect(absolutePath("/etc//lull", base)).toBe("/etc/lull");
  expect(absolutePath("~other", base)).toBe("/here/~other");
});

test("the home folder is written as ~, and only as a whole folder", () => {
  expect(shortPath("/home/ada/notes", "/home/ada")).toBe("~/notes");
  expect(shortPath("/home/ada", "/home/ada")).toBe("~");
  expect(shortPath("/home/adam/notes", "/home/ada")).toBe("/home/adam/notes");
});
