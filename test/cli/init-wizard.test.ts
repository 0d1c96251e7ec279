import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Deps } from "../../src/app/deps.ts";
import type { Ask } from "../../src/cli/cli-io.ts";
import { askSetup, type Known } from "../../src/cli/init-wizard.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

const NOTHING: Known = { device: undefined, name: undefined, remote: undefined, schedule: undefined };

/** Gives the answers in turn and remembers the questions; an empty answer takes the proposal. */
function scripted(
  answers: readonly string[],
): Ask & { readonly questions: string[]; readonly problems: unknown[] } {
  const left = [...answers];
  const questions: string[] = [];
  const problems: unknown[] = [];
  return {
    questions,
    problems,
    text: async ({ message, initial, check }) => {
      questions.push(message);
      const answer = left.shift() ?? "";
      problems.push(check?.(answer === "" ? initial : answer));
      return answer === "" ? initial : answer;
    },
    secret: async () => "",
    choose: async ({ message, choices }) => {
      questions.push(message);
      const answer = left.shift();
      const chosen = choices.find(({ value }) => value === answer) ?? choices[0];
      if (chosen === undefined) throw new Error("no choices");
      return chosen.value;
    },
  };
}

function place(configExists = false) {
  const home = temporaryDirectory();
  mkdirSync(join(home, "notes"));
  writeFileSync(join(home, "file"), "");
  const deps = {
    home,
    cwd: home,
    hostName: "laptop",
    config: { exists: () => configExists },
  } as unknown as Deps;
  return { home, deps };
}

test("Enter on every question proposes a folder, its own remote and the host name", async () => {
  const ask = scripted([]);
  expect(await askSetup(ask, place().deps, NOTHING)).toEqual({
    device: "laptop",
    source: { path: "~/notes", name: undefined, remote: undefined, schedule: undefined },
  });
  expect(ask.questions).toEqual([
    "Which folder should be kept in sync?",
    "Where does its copy live?",
    "What is this machine called?",
  ]);
});

test("a remote of one's own is asked for by URL", async () => {
  const ask = scripted(["notes", "url", "https://h/n.git", "study"]);
  expect(await askSetup(ask, place().deps, NOTHING)).toEqual({
    device: "study",
    source: { path: "notes", name: undefined, remote: "https://h/n.git", schedule: undefined },
  });
});

test("what was said on the command line is not asked again, nor the name of a machine that has one", async () => {
  const ask = scripted([""]);
  const known = { ...NOTHING, name: "n", remote: "/r.git", schedule: "manual" };
  expect(await askSetup(ask, place(true).deps, known)).toEqual({
    device: undefined,
    source: { path: "~/notes", name: "n", remote: "/r.git", schedule: "manual" },
  });
  expect(ask.questions).toHaveLength(1);
});

test("a folder that is missing or a file is refused at once, and so is an empty URL", async () => {
  const { deps, home } = place();
  const missing = scripted(["nothing-here", "url", ""]);
  await askSetup(missing, deps, NOTHING);
  expect(missing.problems).toContain(join(home, "nothing-here") + " does not exist");
  expect(missing.problems).toContain("a URL or a path is needed");
  const relative = scripted(["notes", "url", "usb/notes"]);
  await askSetup(relative, deps, NOTHING);
  expect(relative.problems[1]).toStartWith('"usb/notes" is no remote lull can use');
  const good = scripted(["notes", "url", "~/usb/notes.git"]);
  await askSetup(good, deps, NOTHING);
  expect(good.problems[1]).toBeUndefined();
  const file = scripted(["file"]);
  await askSetup(file, deps, NOTHING);
  expect(file.problems[0]).toBe(join(home, "file") + " is not a folder");
});

test("the folder that lull was started in is the proposal when it is not the home", async () => {
  const { deps, home } = place();
  const inside = { ...deps, cwd: join(home, "notes") };
  expect((await askSetup(scripted([]), inside, NOTHING)).source.path).toBe(join(home, "notes"));
});
