import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { programsOnPath } from "../../src/platform/programs-on-path.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

test("finds what can be run in the folders of PATH, the first one first", () => {
  const top = temporaryDirectory();
  const [one, two] = [join(top, "one"), join(top, "two")];
  for (const folder of [one, two]) mkdirSync(folder);
  writeFileSync(join(two, "tool"), "", { mode: 0o755 });
  writeFileSync(join(one, "both"), "", { mode: 0o755 });
  writeFileSync(join(two, "both"), "", { mode: 0o755 });
  writeFileSync(join(one, "text"), "", { mode: 0o644 });
  const find = programsOnPath({ PATH: [one, join(top, "gone"), "relative", two].join(":") });
  expect(["tool", "both", "text", "none"].map((name) => find(name))).toEqual([
    join(two, "tool"),
    join(one, "both"),
    undefined,
    undefined,
  ]);
  expect(programsOnPath({})("tool")).toBeUndefined();
});
