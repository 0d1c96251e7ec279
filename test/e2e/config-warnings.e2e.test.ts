/** A setting that is taken and has no effect yet is said to have none, where a person looks. */
import { expect, test } from "bun:test";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { makeDevice } from "../helpers/device.ts";

test("settings without effect are named by check, by sync in short, and never written unasked", async () => {
  const laptop = makeDevice("laptop");
  laptop.write("a.md", "a\n");
  await laptop.lull(["init", "notes"]);
  expect(readFileSync(laptop.configFile, "utf8")).not.toMatch(/^\s*(?:conflicts|branches|api|bandwidth):/m);
  expect((await laptop.lull(["config", "check"])).stderr).toBe("");

  const names = ["notes", "letters", "photos", "drafts"];
  for (const name of names) {
    mkdirSync(join(laptop.home, name), { recursive: true });
    if (name !== "notes") await laptop.lull(["add", name]);
    await laptop.lull(["config", "set", `sources.${name}.hooks`, "true"]);
  }
  const checked = await laptop.lull(["config", "check"]);
  expect(checked.stderr.trim().split("\n")).toHaveLength(names.length);
  expect(checked.stderr).toContain(
    "Warning: `sources.notes.hooks` is accepted; this version of lull does not act",
  );

  const synced = (await laptop.lull(["sync"])).stderr;
  expect(synced.match(/Warning: /g)).toHaveLength(4);
  expect(synced).toContain("Warning: 1 more warning about the config; `lull config check` shows all");
  expect((await laptop.lull(["sync", "--quiet"])).stderr).toBe("");
  const { warnings } = JSON.parse((await laptop.lull(["sync", "--json"])).stdout) as { warnings: unknown };
  expect(warnings).toHaveLength(4);
});
