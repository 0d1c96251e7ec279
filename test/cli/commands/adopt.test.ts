/** `lull adopt` as a person meets it: groups, questions, bulk choices and their mistakes. */
import { expect, test } from "bun:test";

import type { Ask } from "../../../src/cli/cli-io.ts";
import { settingsHome, type SettingsHome } from "../../helpers/settings-home.ts";
import { benchRemote } from "../../helpers/sync-bench.ts";
import { lull, type Ran } from "../fake-io.ts";

const FILES = ["~/.zshrc", "~/.vimrc", "~/.foo/"];

/** One machine has gathered; the other is new, and has two files that differ and one of its own. */
async function newMachine(): Promise<SettingsHome> {
  const remote = benchRemote();
  const home = (device: string): SettingsHome => settingsHome({ device, remote, files: FILES });
  const [old, fresh] = [home("old"), home("fresh")];
  for (const path of [".zshrc", ".vimrc", ".foo/a", ".foo/b"]) old.write(path, `${path} of old\n`);
  await old.sync();
  for (const path of [".zshrc", ".vimrc", ".foo/mine"]) fresh.write(path, `${path} of fresh\n`);
  return fresh;
}

const run = (at: SettingsHome, args: readonly string[], ask?: Ask): Promise<Ran> =>
  lull(["adopt", ...args], { env: at.env, cwd: at.home, ...(ask === undefined ? {} : { ask, isTty: true }) });

/** A person who gives these answers, and what was asked. */
function person(...answers: readonly string[]): Ask & { readonly questions: string[] } {
  const questions: string[] = [];
  const left = [...answers];
  return {
    questions,
    text: async () => "",
    secret: async () => "",
    choose: async ({ message, choices }) => {
      questions.push(message);
      const answer = choices.find(({ value }) => value === left[0]);
      left.shift();
      if (answer === undefined) throw new Error(`no such answer to "${message}"`);
      return answer.value;
    },
  };
}

test("without a choice it shows what is where, changes nothing, and says how to go on", async () => {
  const at = await newMachine();
  const { code, stdout } = await run(at, []);
  expect(code).toBe(0);
  for (const line of [
    "Only here (1)",
    "Only there (2)",
    "Different (2)",
    "~/.foo/mine",
    "lull adopt settings --take-remote-all",
  ])
    expect(stdout).toContain(line);
  expect(stdout).toContain("4 files wait for you; nothing in your home was changed.");
  expect([at.read(".zshrc"), at.has(".foo/a")]).toEqual([".zshrc of fresh\n", false]);
});

test("at a terminal it asks once for all", async () => {
  const at = await newMachine();
  const who = person("remote");
  const { stdout } = await run(at, [], who);
  expect(who.questions).toEqual(["What becomes of the 4 files that are not the same?"]);
  expect(stdout).toContain("Took 4 files from there");
  expect([at.read(".zshrc"), at.read(".foo/a")]).toEqual([".zshrc of old\n", ".foo/a of old\n"]);
});

test("or for each file by itself; what is left for later waits", async () => {
  const at = await newMachine();
  const who = person("each", "remote", "later", "local", "remote");
  const { stdout } = await run(at, [], who);
  expect(who.questions.slice(1)).toEqual([
    "~/.foo/a is only there",
    "~/.foo/b is only there",
    "~/.vimrc is different",
    "~/.zshrc is different",
  ]);
  expect(stdout).toContain("Took 2 files from there");
  expect(stdout).toContain("Kept 1 file of this machine; the next sync sends it");
  expect([at.has(".foo/a"), at.has(".foo/b"), at.read(".vimrc"), at.read(".zshrc")]).toEqual([
    true,
    false,
    ".vimrc of fresh\n",
    ".zshrc of old\n",
  ]);
});

test("nothing now means nothing", async () => {
  const at = await newMachine();
  const { stdout } = await run(at, [], person("later"));
  expect(stdout).toContain("nothing in your home was changed");
  expect(at.read(".zshrc")).toBe(".zshrc of fresh\n");
});

test("bulk choices, with exceptions, as a plan and for real", async () => {
  const at = await newMachine();
  const args = ["--keep-local-all", "--except", "~/.zshrc,.foo"];
  const plan = await run(at, [...args, "--dry-run"]);
  expect(plan.stdout).toContain("Would take 3 files from there");
  expect(plan.stdout).toContain("Would keep 1 file of this machine");
  expect(at.read(".zshrc")).toBe(".zshrc of fresh\n");
  const done = JSON.parse((await run(at, [...args, "--json"])).stdout) as Record<string, unknown>;
  expect(done).toMatchObject({ taken: ["~/.foo/a", "~/.foo/b", "~/.zshrc"], kept: ["~/.vimrc"], left: [] });
});

test.each([
  [["--take-remote-all", "--keep-local-all"], "contradict each other"],
  [["--except", "~/.zshrc"], "--except of what?"],
  [["nonsense"], '"nonsense" is no settings source'],
] as const)("%j is refused", async (args, words) => {
  const at = await newMachine();
  const { code, stderr } = await run(at, args);
  expect(code).toBe(2);
  expect(stderr).toContain(words);
  expect(at.read(".zshrc")).toBe(".zshrc of fresh\n");
});
