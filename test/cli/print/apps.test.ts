import { expect, test } from "bun:test";

import type { AddAppsResult } from "../../../src/app/settings/add-apps.ts";
import type { DetectedApp, Detection } from "../../../src/app/settings/detect-apps.ts";
import type { ShownApp } from "../../../src/app/settings/show-app.ts";
import { detectionLines } from "../../../src/cli/print/apps-detected.ts";
import {
  addedAppsLines,
  appListLines,
  removedAppsLines,
  shownAppLines,
} from "../../../src/cli/print/apps.ts";
import type { Look } from "../../../src/cli/print/look.ts";
import { createStyle, symbolsFor } from "../../../src/cli/style.ts";
import { fakeClock } from "../../helpers/fake-clock.ts";

const look: Look = {
  style: createStyle(false),
  symbols: symbolsFor({ LANG: "C.UTF-8" }),
  clock: fakeClock(0),
  width: undefined,
  home: "/home/me",
};

function detected(id: string, more: Partial<DetectedApp> = {}): DetectedApp {
  return {
    id,
    name: id.toUpperCase(),
    isOwn: false,
    program: undefined,
    files: 1,
    bytes: 100,
    encrypted: 0,
    preferences: [],
    sources: [],
    ...more,
  };
}

const DETECTION: Detection = {
  system: "linux",
  known: 500,
  apps: [
    detected("aws", { files: 2, bytes: 2048, encrypted: 1 }),
    detected("git", { sources: ["settings"] }),
    detected("htop", { files: 0, bytes: 0, program: "/usr/bin/htop" }),
    detected("mine", { isOwn: true }),
  ],
  sources: ["settings"],
  leftOut: {
    noKey: [{ app: "aws", path: "~/.aws/credentials" }],
    unreadable: [{ app: "mine", path: "~/.mine/\u001b[2J", reason: "permission denied" }],
  },
  problems: [],
};

test("what is here ends with what was not done, and with the command for what is new", () => {
  expect(detectionLines(DETECTION, { verbose: false }, look)).toEqual([
    "3 apps with settings on this machine (Linux; looked for 500)",
    "APP    NAME  FILES  SIZE    ENCRYPTED ONLY  SOURCE",
    "aws    AWS   2      2.0 KB  1               new",
    "git    GIT   1      100 B                   settings",
    "mine*  MINE  1      100 B                   new",
    "* your own definition",
    "",
    "Installed, without settings yet: htop",
    "",
    "! 1 file may be kept encrypted only, and this device has no key: it is left out until `lull secret init` has made one.",
    "    ~/.aws/credentials  aws",
    "",
    "! 1 path can not be gathered:",
    "    ~/.mine/\\x1b[2J  permission denied",
    "",
    "Only names, sizes and PATH were looked at: no file was opened, nothing was changed.",
    "Each file of one: lull apps show APP   Take in what is new (or some of it):",
    "  lull apps add aws mine",
  ]);
});

test("nothing here, and nothing new", () => {
  const leftOut = { noKey: [], unreadable: [] };
  expect(detectionLines({ ...DETECTION, apps: [], leftOut }, { verbose: false }, look)).toEqual([
    "0 apps with settings on this machine (Linux; looked for 500)",
    "",
    "Only names, sizes and PATH were looked at: no file was opened, nothing was changed.",
  ]);
  const git = DETECTION.apps.slice(1, 2);
  expect(detectionLines({ ...DETECTION, apps: git, leftOut }, { verbose: false }, look).at(-1)).toBe(
    "All of them are gathered already (settings).",
  );
});

test("many files that wait for a key are counted; --verbose names them", () => {
  const noKey = Array.from({ length: 12 }, (_, index) => ({ app: "a", path: `~/${index}` }));
  const many = { ...DETECTION, leftOut: { noKey, unreadable: [] } };
  expect(detectionLines(many, { verbose: false }, look)).toContain("    and 2 more: --verbose");
  expect(detectionLines(many, { verbose: true }, look)).toContain("    ~/11  a");
});

const SHOWN: ShownApp = {
  id: "aws",
  name: "AWS CLI",
  about: "a cloud",
  hints: { quit: "Quit it first." },
  isOwn: false,
  systems: ["linux", "macos"],
  sources: [],
  program: "/home/me/bin/aws",
  places: [
    { root: "~/.aws", folder: "apps/aws", files: ["config"], exclude: ["cache/"], encrypt: ["credentials"] },
  ],
  preferences: [],
  files: [
    { path: "~/.aws/config", bytes: 10, encrypt: false },
    { path: "~/.aws/credentials", bytes: 20, encrypt: true },
  ],
  unreadable: [],
  hasKey: false,
  definition: "",
  problems: [],
};

test("an app: where it is, each file, and what becomes of it", () => {
  expect(shownAppLines(SHOWN, { verbose: false }, look)).toEqual([
    "AWS CLI (a cloud)",
    "  app      aws",
    "  systems  Linux, macOS",
    "  program  ~/bin/aws",
    "  source   none gathers it",
    "  hint     Quit it first.",
    "",
    "in ~/.aws",
    "  gathered        config",
    "  left out        cache/",
    "  encrypted only  credentials",
    "",
    "Here: 2 files, 30 B",
    "  ~/.aws/config       10 B",
    "  ~/.aws/credentials  20 B  encrypted only",
    "! This device has no key yet: what may be kept encrypted only stays out. `lull secret init` makes one.",
    "Gather it: lull apps add aws",
  ]);
  const nothing = { ...SHOWN, places: [], files: [], hasKey: undefined, sources: ["settings"] };
  expect(shownAppLines(nothing, { verbose: false }, look).slice(-3)).toEqual([
    "It has no settings on this system.",
    "",
    "Nothing of it is here.",
  ]);
});

test("the list of apps tells how many are left out", () => {
  const known = {
    id: "git",
    name: "Git",
    about: "versions",
    systems: [],
    isOwn: true,
    sources: ["settings"],
  };
  expect(appListLines({ system: "linux", apps: [known], elsewhere: 64, problems: [] }, look)).toEqual([
    "APP  NAME  ABOUT",
    "git  Git   versions; your own definition; in settings",
    "",
    "1 app; 64 more have no settings on Linux (--all-systems)",
    "Which of them are here: lull apps detect",
  ]);
});

const ADDED: AddAppsResult = {
  source: "settings",
  created: undefined,
  added: ["git"],
  already: ["zsh"],
  sealed: ["aws"],
  noKey: ["~/.aws/credentials"],
  configFile: "/home/me/.config/lull/config.yaml",
  dryRun: false,
};

test("what was added, what was there, and what waits", () => {
  expect(addedAppsLines(ADDED, look)).toEqual([
    "✓ Added to settings: git",
    "✓ Keeps encrypted from now on: aws",
    "In settings already: zsh",
    "! 1 file may be kept encrypted only, and stays out until `lull secret init` has made a key:",
    "    ~/.aws/credentials",
    "Next: lull sync settings",
  ]);
  const given = { ...ADDED, created: { remote: "https://h/r.git", from: "given" as const }, noKey: [] };
  expect(addedAppsLines(given, look).slice(-3)).toEqual([
    "Next, one of:",
    "  lull sync settings   gather what is here",
    "  lull adopt settings  compare it with what your other devices have gathered there",
  ]);
  const made = { ...ADDED, already: [], sealed: [], noKey: [], dryRun: true };
  const created = { remote: "/home/me/r.git", from: "local" as const };
  expect(addedAppsLines({ ...made, created }, look)).toEqual([
    "Would make the settings source settings",
    "  remote  ~/r.git (on this machine, made by lull)",
    "Would add to settings: git",
    "Nothing was changed.",
  ]);
});

test("what was taken out stays where it is", () => {
  const removed = { source: "settings", removed: ["git", "zsh"], configFile: "", dryRun: false };
  expect(removedAppsLines(removed, look)).toEqual([
    "✓ Took out of settings: git, zsh",
    "  Their files here stay, and so do the copies in the repository.",
  ]);
});
