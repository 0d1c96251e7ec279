/** `lull apps …` through the whole program, in a home of its own. */
import { expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { tempHome } from "../../helpers/temp-home.ts";
import { lull, type Ran } from "../fake-io.ts";

function home() {
  const place = tempHome({ PATH: "", XDG_RUNTIME_DIR: "/nonexistent" });
  const run = async (...args: readonly string[]): Promise<Ran> =>
    lull(args, { env: place.env, cwd: place.home });
  return { ...place, run, config: () => readFileSync(place.configFile, "utf8") };
}

test("detected, shown, added, listed, taken out", async () => {
  const { run, config, home: folder } = home();
  writeFileSync(join(folder, ".zshrc"), "# z\n");
  const detected = await run("apps", "detect");
  expect(detected.stdout).toContain("1 app with settings on this machine");
  expect(detected.stdout).toContain("\n  lull apps add zsh\n");
  expect((await run("apps", "show", "zsh")).stdout).toContain("  ~/.zshrc  4 B\n");
  expect((await run("apps", "show", "zsh", "--definition")).stdout).toMatch(/^name: Zsh\n/);
  expect((await run("apps", "add", "zsh", "--dry-run")).stdout).toContain("Nothing was changed.");
  expect((await run("apps", "add", "zsh", "git", "--source", "mine")).code).toBe(0);
  expect(config()).toContain("apps: [ zsh, git ]");
  expect((await run("apps", "detect")).stdout).toContain("All of them are gathered already (mine).");
  const list = JSON.parse((await run("apps", "list", "--json")).stdout) as {
    apps: { id: string; sources: string[] }[];
  };
  expect(list.apps.find(({ id }) => id === "zsh")?.sources).toEqual(["mine"]);
  expect((await run("apps", "remove", "git")).stdout).toContain("Took out of mine: git");
  expect(config()).toContain("apps: [ zsh ]");
});

test("an unknown app is a word for the person, and changes nothing", async () => {
  const { run, config } = home();
  await run("apps", "add", "zsh");
  const before = config();
  const result = await run("apps", "add", "gti");
  expect([result.code, result.stderr]).toEqual([2, expect.stringContaining('did you mean "git"?')]);
  expect(config()).toBe(before);
});

test("a definition of the person's own that has a mistake is named on stderr", async () => {
  const { run, configFile } = home();
  const folder = join(dirname(configFile), "apps");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "broken.yaml"), "name: 3\n");
  for (const command of ["detect", "list"]) {
    const { code, stdout, stderr } = await run("apps", command);
    expect([code, stdout.includes("broken"), stderr.includes("broken.yaml")]).toEqual([0, false, true]);
  }
});
