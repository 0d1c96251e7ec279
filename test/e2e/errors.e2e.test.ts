/** Mistakes that people make, and whether a stranger could act on what lull says. */
import { expect, test } from "bun:test";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { makeDevice } from "../helpers/device.ts";
import { git, temporaryDirectory } from "../helpers/system-git.ts";

test("without a config lull greets and points to init", async () => {
  const laptop = makeDevice("laptop");
  const greeted = await laptop.lull([]);
  expect(greeted.stdout).toContain("lull init");
  expect(existsSync(laptop.configFile)).toBe(false);
});

test("a mistake in the config is shown with line, caret and the nearest word", async () => {
  const laptop = makeDevice("laptop");
  laptop.write("a.md", "a\n");
  await laptop.lull(["init", "notes"]);
  writeFileSync(
    laptop.configFile,
    "version: 1\nsources:\n  notes:\n    repo: ~/notes\n    remot: /tmp/x.git\n",
  );
  const failed = await laptop.lull(["sync"], 2);
  expect(failed.stderr).toContain("config.yaml:5:5");
  expect(failed.stderr).toContain("remot: /tmp/x.git");
  expect(failed.stderr).toContain("^");
  expect(failed.stderr).toContain("remote");
});

test("a typo in a command and in a flag names the nearest one", async () => {
  const laptop = makeDevice("laptop");
  expect((await laptop.lull(["snyc"], 2)).stderr).toContain("sync");
  expect((await laptop.lull(["status", "--jsno"], 2)).stderr).toContain("--json");
});

test("a missing path says what to do", async () => {
  const laptop = makeDevice("laptop");
  const failed = await laptop.lull(["add", "nothing-here"], 2);
  expect(failed.stderr).toContain("nothing-here");
  expect(failed.stderr).toContain("does not exist");
  expect(failed.stderr).toContain("Hint:");
});

test("an unknown source names the nearest one", async () => {
  const laptop = makeDevice("laptop");
  laptop.write("a.md", "a\n");
  await laptop.lull(["init", "notes"]);
  expect((await laptop.lull(["sync", "nots"], 2)).stderr).toContain('did you mean "notes"');
});

test("an unreachable host ends with exit code 3 and keeps the local commit", async () => {
  const laptop = makeDevice("laptop");
  laptop.write("a.md", "a\n");
  await laptop.lull(["init", "notes"]);
  await laptop.lull(["config", "set", "sources.notes.remote", "http://127.0.0.1:1/me/notes.git"]);
  const failed = await laptop.lull(["sync"], 3);
  expect(failed.stderr + failed.stdout).toContain("127.0.0.1:1");
  expect(git(laptop.notes, "log", "--format=%s")).toContain("a.md");
});

test("a drive that is not mounted is offline, not an error of the person", async () => {
  const laptop = makeDevice("laptop");
  laptop.write("a.md", "a\n");
  await laptop.lull(["init", "notes"]);
  await laptop.lull(["config", "set", "sources.notes.remote", "/mnt/usb/notes.git"]);
  const { code, json } = await laptop.json(["sync"]);
  expect(code).toBe(3);
  expect(json).toMatchObject({ runs: [{ outcome: "failed", error: { code: "OFFLINE" } }] });
});

test("a config that others can write is refused with the command that mends it", async () => {
  const laptop = makeDevice("laptop");
  laptop.write("a.md", "a\n");
  await laptop.lull(["init", "notes"]);
  chmodSync(laptop.configFile, 0o666);
  const failed = await laptop.lull(["sync"], 2);
  expect(failed.stderr).toContain("chmod");
});

test("errors are JSON when JSON was asked for", async () => {
  const laptop = makeDevice("laptop");
  const { code, json } = await laptop.json(["sync"]);
  expect(code).toBe(2);
  expect(json).toMatchObject({ version: 1, error: { kind: "config", code: "CONFIG_MISSING" } });
});

test("config get and set keep comments and layout", async () => {
  const laptop = makeDevice("laptop");
  laptop.write("a.md", "a\n");
  await laptop.lull(["init", "notes"]);
  const before = readFileSync(laptop.configFile, "utf8");
  writeFileSync(laptop.configFile, `# my own words\n${before}`);
  await laptop.lull(["config", "set", "sources.notes.schedule", "every 2h"]);
  expect(readFileSync(laptop.configFile, "utf8")).toContain("# my own words");
  expect((await laptop.lull(["config", "get", "sources.notes.schedule"])).stdout.trim()).toBe("every 2h");
  await laptop.lull(["config", "set", "sources.notes.schedule", "every blue moon"], 2);
  expect((await laptop.lull(["config", "get", "sources.notes.schedule"])).stdout.trim()).toBe("every 2h");
});

test("a hostile .env and bunfig.toml in the current folder change nothing", async () => {
  const laptop = makeDevice("laptop");
  const trap = temporaryDirectory();
  writeFileSync(join(trap, ".env"), "LULL_CONFIG=/nonexistent/evil.yaml\nLULL_QUIET=1\n");
  writeFileSync(join(trap, "bunfig.toml"), 'preload = ["./evil.ts"]\n');
  writeFileSync(
    join(trap, "evil.ts"),
    `require("node:fs").writeFileSync(${JSON.stringify(join(trap, "ran"))}, "x")`,
  );
  const { cli } = await import("../helpers/cli-runner.ts");
  const result = await cli.run(["config", "path"], { cwd: trap, env: laptop.env });
  expect(result.stdout.trim()).toBe(laptop.configFile);
  expect(existsSync(join(trap, "ran"))).toBe(false);
});

test("status, log, list and diff tell how things stand", async () => {
  const laptop = makeDevice("laptop");
  laptop.write("a.md", "one\n");
  await laptop.lull(["init", "notes"]);
  await laptop.lull(["sync"]);
  laptop.write("a.md", "two\n");
  expect((await laptop.lull(["list"])).stdout).toContain("notes");
  expect((await laptop.json(["status"])).json).toMatchObject({
    sources: [{ name: "notes", uncommitted: 1, ahead: 0, behind: 0 }],
  });
  const diff = (await laptop.lull(["diff"])).stdout;
  expect(diff).toContain("-one");
  expect(diff).toContain("+two");
  expect((await laptop.lull(["log"])).stdout).toContain("notes");
  await laptop.lull(["remove", "notes"]);
  expect(existsSync(join(laptop.notes, "a.md"))).toBe(true);
  expect((await laptop.json(["list"])).json).toMatchObject({ sources: [] });
});
