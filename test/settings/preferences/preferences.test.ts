import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import {
  importPreferences,
  stagedDomains,
  stagePreferences,
  type Unstaged,
} from "../../../src/settings/preferences/preferences.ts";
import { temporaryDirectory } from "../../helpers/system-git.ts";
import { plist, standInDefaults, type StandInDefaults } from "./stand-in-defaults.ts";

const { signal } = new AbortController();
const APP = { id: "player", preferences: ["com.example.One", "com.example.Two"] };

function player(): StandInDefaults & {
  readonly one: string;
  readonly stage: () => Promise<readonly Unstaged[]>;
  readonly staged: () => readonly string[];
} {
  const folder = join(temporaryDirectory(), "preferences");
  const defaults = standInDefaults(folder);
  return {
    ...defaults,
    one: join(folder, "player/com.example.One.plist"),
    stage: () => stagePreferences(defaults.means, stagedDomains(defaults.means, [APP]), signal),
    staged: () => (existsSync(join(folder, "player")) ? readdirSync(join(folder, "player")).sort() : []),
  };
}

test("domains become files, without what changes by itself; an unchanged one keeps its time", async () => {
  const { set, stage, staged, one } = player();
  set(
    "com.example.One",
    "<key>NSWindow Frame a</key>",
    "<string>1 2</string>",
    "<key>Volume</key>",
    "<real>1</real>",
  );
  expect(await stage()).toEqual([]);
  expect(staged()).toEqual(["com.example.One.plist"]);
  expect(readFileSync(one, "utf8")).toBe(plist("<key>Volume</key>", "<real>1</real>"));
  expect(statSync(one).mode & 0o777).toBe(0o600);
  utimesSync(one, 1000, 1000);
  set(
    "com.example.One",
    "<key>NSWindow Frame a</key>",
    "<string>3 4</string>",
    "<key>Volume</key>",
    "<real>1</real>",
  );
  await stage();
  expect(statSync(one).mtimeMs).toBe(1_000_000);
  set("com.example.One", "<key>Volume</key>", "<real>2</real>");
  await stage();
  expect(readFileSync(one, "utf8")).toContain("<real>2</real>");
});

test("a domain that is empty has no file, and an app without any no folder", async () => {
  const { set, stage, staged, means } = player();
  set("com.example.One", "<key>a</key>", "<true/>");
  set("com.example.Two", "<key>a</key>", "<true/>");
  await stage();
  expect(staged()).toHaveLength(2);
  set("com.example.Two");
  await stage();
  expect(staged()).toEqual(["com.example.One.plist"]);
  set("com.example.One");
  await stage();
  expect(existsSync(join(means.folder, "player"))).toBe(false);
});

test("one that can not be exported is named, stays as it was, and does not stop the others", async () => {
  const { set, stage, staged, breakFor, one, means } = player();
  set("com.example.One", "<key>a</key>", "<true/>");
  await stage();
  breakFor("com.example.One");
  set("com.example.Two", "<key>a</key>", "<true/>");
  expect(await stage()).toEqual([
    {
      app: "player",
      path: one,
      isThere: true,
      reason: `${means.program} could not export the preferences of com.example.One: it ended with 1`,
    },
  ]);
  expect(staged()).toHaveLength(2);
});

test("without the program each domain is named", async () => {
  const { means } = player();
  const gone = { ...means, program: `${means.program}-gone` };
  const unstaged = await stagePreferences(gone, stagedDomains(gone, [APP]), signal);
  expect(
    unstaged.map(({ reason, isThere }) => [reason.endsWith("there is no such program"), isThere]),
  ).toEqual([
    [true, false],
    [true, false],
  ]);
});

test("an import takes what the file says, and leaves what changes by itself", async () => {
  const { set, get, stage, staged, one, means } = player();
  const frame = ["<key>NSWindow Frame a</key>", "<string>here</string>"];
  set("com.example.One", ...frame, "<key>Old</key>", "<true/>", "<key>Volume</key>", "<real>1</real>");
  await stage();
  const expected = readFileSync(one, "utf8");
  const foreign = ["<key>NSWindow Frame b</key>", "<string>there</string>"];
  writeFileSync(one, plist(...foreign, "<key>Volume</key>", "<real>2</real>"));
  expect(await importPreferences(means, { path: one, expected }, signal)).toBe(true);
  expect(get("com.example.One")).toEqual([...frame, "<key>Volume</key>", "<real>2</real>"]);
  expect(staged()).toEqual(["com.example.One.plist"]);
});

test("what is no property list never reaches the system", async () => {
  const { set, get, stage, one, means, calls } = player();
  set("com.example.One", "<key>a</key>", "<true/>");
  await stage();
  const expected = readFileSync(one, "utf8");
  writeFileSync(one, plist("<key>a</key>", "<string>cut").slice(0, -25));
  await expect(importPreferences(means, { path: one, expected }, signal)).rejects.toMatchObject({
    code: "NO_PROPERTY_LIST",
  });
  expect([get("com.example.One"), calls("import")]).toEqual([["<key>a</key>", "<true/>"], 0]);
  expect(readFileSync(one, "utf8")).toBe(expected);
});

test("what the system got since the plan was made stays, and is what the file says", async () => {
  const { set, get, stage, one, means, calls } = player();
  set("com.example.One", "<key>a</key>", "<true/>");
  await stage();
  const expected = readFileSync(one, "utf8");
  writeFileSync(one, plist("<key>a</key>", "<false/>"));
  set("com.example.One", "<key>a</key>", "<string>edited</string>");
  expect(await importPreferences(means, { path: one, expected }, signal)).toBe(false);
  expect([get("com.example.One"), calls("import")]).toEqual([["<key>a</key>", "<string>edited</string>"], 0]);
  expect(readFileSync(one, "utf8")).toContain("edited");
});

test("an interrupted export ends at once", async () => {
  const { means } = player();
  const interrupted = AbortSignal.abort();
  await expect(stagePreferences(means, stagedDomains(means, [APP]), interrupted)).rejects.toMatchObject({
    code: "INTERRUPTED",
  });
});
