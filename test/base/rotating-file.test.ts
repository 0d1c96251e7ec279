import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { RotatingFile } from "../../src/base/rotating-file.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

test("the file is begun anew at its limit, and as many old ones stay as are wanted", () => {
  const path = join(temporaryDirectory(), "logs", "lull.log");
  using file = new RotatingFile(path, { size: 20, count: 3 });
  for (const line of [
    "one 56789",
    "two 56789",
    "three 789",
    "four 6789",
    "five 6789",
    "six 56789",
    "seven 789",
  ]) {
    file.append(line);
  }
  expect(readFileSync(path, "utf8")).toBe("seven 789\n");
  expect(readFileSync(`${path}.1`, "utf8")).toBe("five 6789\nsix 56789\n");
  expect(readFileSync(`${path}.2`, "utf8")).toBe("three 789\nfour 6789\n");
  expect(existsSync(`${path}.3`)).toBe(false);
});

test("a line that is longer than the limit is written whole", () => {
  const path = join(temporaryDirectory(), "lull.log");
  using file = new RotatingFile(path, { size: 10, count: 2 });
  file.append("a line that is longer");
  expect(readFileSync(path, "utf8")).toBe("a line that is longer\n");
});

test("it goes on with what is there, and is private", () => {
  const path = join(temporaryDirectory(), "lull.log");
  writeFileSync(path, "before\n", { mode: 0o600 });
  {
    using file = new RotatingFile(path, { size: 100, count: 2 });
    file.append("after");
  }
  expect(readFileSync(path, "utf8")).toBe("before\nafter\n");
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("a file that was removed, with its folder, is made anew at the next look", () => {
  const path = join(temporaryDirectory(), "logs", "lull.log");
  using file = new RotatingFile(path, { size: 100, count: 2 });
  file.append("before");
  rmSync(join(path, ".."), { recursive: true });
  file.append("into nothing");
  file.look();
  file.append("after");
  expect(readFileSync(path, "utf8")).toBe("after\n");
  file.look();
  file.append("again");
  expect(readFileSync(path, "utf8")).toBe("after\nagain\n");
});

test("when no new file can be made the old ones stay, however often it is tried", () => {
  const path = join(temporaryDirectory(), "lull.log");
  using file = new RotatingFile(path, { size: 10, count: 3 });
  for (const line of ["one 56789", "two 56789", "three 789"]) file.append(line);
  mkdirSync(`${path}.new`);
  for (let tries = 0; tries < 5; tries++) expect(() => file.append("four 6789")).toThrow();
  expect(readFileSync(path, "utf8")).toBe("three 789\n");
  expect(readFileSync(`${path}.2`, "utf8")).toBe("one 56789\n");
  rmdirSync(`${path}.new`);
  file.append("five 6789");
  expect(readFileSync(path, "utf8")).toBe("five 6789\n");
});
