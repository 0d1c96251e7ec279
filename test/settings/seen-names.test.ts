import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { seenNames } from "../../src/settings/seen-names.ts";
import { asOrdinaryUser } from "../helpers/ordinary-user.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

test("what may be at a path is told from the names above it", () => {
  const home = temporaryDirectory();
  mkdirSync(join(home, ".config/foo"), { recursive: true });
  writeFileSync(join(home, ".config/foo/a"), "");
  const mayExist = seenNames({ home, isCaseSensitive: true });
  const paths = ["", "/.config/foo", "/.config/foo/a", "/.config/Foo", "/.config/bar/a", "/.config/foo/a/b"];
  expect(paths.map((path) => mayExist(home + path))).toEqual([true, true, true, false, false, false]);
  expect(seenNames({ home, isCaseSensitive: false })(`${home}/.config/FOO`)).toBe(true);
  // Above the home, too, for what was moved elsewhere.
  expect([mayExist("/"), mayExist("/no-such-folder/x")]).toEqual([true, false]);
});

test("each folder is listed once", () => {
  const home = temporaryDirectory();
  const mayExist = seenNames({ home, isCaseSensitive: true });
  expect(mayExist(`${home}/a`)).toBe(false);
  writeFileSync(join(home, "a"), "");
  expect(mayExist(`${home}/a`)).toBe(false);
});

test("of a folder that can not be listed nobody can tell", async () => {
  const home = temporaryDirectory();
  mkdirSync(join(home, "closed"), { mode: 0o000 });
  await asOrdinaryUser([home], async () => {
    expect(seenNames({ home, isCaseSensitive: true })(`${home}/closed/a`)).toBe(true);
  });
  chmodSync(join(home, "closed"), 0o700);
});
