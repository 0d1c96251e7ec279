/** What `lull resolve` asks a person. */
import { expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

import type { Ask } from "../../../src/cli/cli-io.ts";
import { makeDevice, type Device } from "../../helpers/device.ts";
import { git, temporaryDirectory } from "../../helpers/system-git.ts";
import { lull } from "../fake-io.ts";

/** A person who gives these answers, one after the other. */
function person(...answers: readonly string[]): { readonly ask: Ask; readonly questions: string[] } {
  const questions: string[] = [];
  const left = [...answers];
  return {
    questions,
    ask: {
      text: () => Promise.reject(new Error("no question of this kind")),
      secret: () => Promise.reject(new Error("no question of this kind")),
      choose: async ({ message, choices }) => {
        questions.push(message);
        const answer = left.shift();
        const chosen = choices.find(({ value }) => value === answer);
        if (chosen === undefined) throw new Error(`there is no choice ${answer}`);
        return chosen.value;
      },
    },
  };
}

/** The desktop, with a conflict in each of the files. */
async function inConflict(strategy: string, ...paths: readonly string[]): Promise<Device> {
  const remote = join(temporaryDirectory(), "remote.git");
  git(temporaryDirectory(), "init", "--bare", remote);
  const [laptop, desktop] = [makeDevice("laptop"), makeDevice("desktop")];
  for (const path of paths) laptop.write(path, "base\n");
  for (const device of [laptop, desktop]) {
    await device.lull(["add", "notes", "--remote", remote]);
    await device.lull(["config", "set", "sources.notes.conflicts", strategy]);
    await device.lull(["sync"]);
  }
  for (const device of [laptop, desktop]) for (const path of paths) device.write(path, `${device.name}\n`);
  await laptop.lull(["sync"]);
  await desktop.lull(["sync"], 5);
  return desktop;
}

const resolve = ({ env, home }: Device, ask: Ask, ...words: readonly string[]) =>
  lull(["resolve", ...words], { env, cwd: home, ask });

test("without a path each open conflict is asked about, and one may wait", async () => {
  const desktop = await inConflict("keep-both", "a.md", "b.md", "c.md");
  const busy = person("local", "later", "both");
  const first = await resolve(desktop, busy.ask);
  expect(first.code).toBe(5);
  expect(busy.questions).toEqual(
    ["a.md", "b.md", "c.md"].map((path) => `Which version of ${path} should have the name?`),
  );
  expect(["a.md", "b.md", "c.md"].map((path) => desktop.read(path))).toEqual([
    "desktop\n",
    "laptop\n",
    "laptop\n",
  ]);
  const later = person("remote");
  expect((await resolve(desktop, later.ask)).code).toBe(0);
  expect(later.questions).toHaveLength(1);
  expect(readdirSync(desktop.notes).filter((name) => name.includes(".conflict-"))).toEqual([
    expect.stringMatching(/^c\.conflict-/),
  ]);
  expect((await resolve(desktop, person().ask)).stdout).toContain("No open conflicts.");
});

test("with a path only the version is asked for", async () => {
  const desktop = await inConflict("manual", "a.md", "b.md");
  const asked = person("remote");
  expect((await resolve(desktop, asked.ask, "notes/b.md")).code).toBe(0);
  expect([desktop.read("a.md"), desktop.read("b.md")]).toEqual(["desktop\n", "laptop\n"]);
});

test("both can be merged in a tool; one that ends without a result is no answer yet", async () => {
  const desktop = await inConflict("keep-both", "a.md", "b.md");
  const config = join(desktop.home, ".gitconfig");
  git(desktop.home, "config", "--file", config, "merge.tool", "mine");
  git(desktop.home, "config", "--file", config, "mergetool.mine.cmd", "true");
  const idle = person("tool", "later", "later");
  const first = await resolve(desktop, idle.ask);
  expect(first.code).toBe(5);
  expect(first.stdout).toContain("ended without a result for a.md");
  git(desktop.home, "config", "--file", config, "mergetool.mine.cmd", 'cat "$LOCAL" "$REMOTE" > "$MERGED"');
  git(desktop.home, "config", "--file", config, "mergetool.other.cmd", 'echo other > "$MERGED"');
  expect((await resolve(desktop, person("tool", "later").ask)).code).toBe(5);
  expect((await resolve(desktop, person("tool").ask, "--tool", "other")).code).toBe(0);
  expect([desktop.read("a.md"), desktop.read("b.md")]).toEqual(["desktop\nlaptop\n", "other\n"]);
});

test("--json and --yes ask nothing", async () => {
  const desktop = await inConflict("keep-both", "a.md");
  for (const flag of ["--json", "--yes"]) {
    const asked = person("local");
    expect((await resolve(desktop, asked.ask, flag)).code).toBe(2);
    expect(asked.questions).toEqual([]);
  }
  expect(existsSync(join(desktop.notes, "a.md"))).toBe(true);
});
