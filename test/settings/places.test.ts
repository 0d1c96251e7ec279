import { expect, test } from "bun:test";

import type { AppPlace } from "../../src/config/app-definition.ts";
import { parseAppFile } from "../../src/config/app-file.ts";
import { placeRoot, placesOn, type SettingsMachine } from "../../src/settings/places.ts";

const LINUX: SettingsMachine = { system: "linux", home: "/home/ada", environment: {} };
const MACOS: SettingsMachine = { system: "macos", home: "/Users/ada", environment: {} };
const WINDOWS: SettingsMachine = { system: "windows", home: "C:\\Users\\ada", environment: {} };

test.each([
  ["~", "/home/ada", "/Users/ada", "C:/Users/ada"],
  ["~/.ssh", "/home/ada/.ssh", "/Users/ada/.ssh", "C:/Users/ada/.ssh"],
  ["$USERPROFILE/x", "/home/ada/x", "/Users/ada/x", "C:/Users/ada/x"],
  ["$XDG_CONFIG_HOME/git", "/home/ada/.config/git", "/Users/ada/.config/git", "C:/Users/ada/.config/git"],
  [
    "$XDG_DATA_HOME/x",
    "/home/ada/.local/share/x",
    "/Users/ada/.local/share/x",
    "C:/Users/ada/.local/share/x",
  ],
  [
    "$XDG_STATE_HOME/x",
    "/home/ada/.local/state/x",
    "/Users/ada/.local/state/x",
    "C:/Users/ada/.local/state/x",
  ],
  ["$APPDATA/x", undefined, undefined, "C:/Users/ada/AppData/Roaming/x"],
  ["$LOCALAPPDATA/x y", undefined, undefined, "C:/Users/ada/AppData/Local/x y"],
])("%s is where each system has it", (at, linux, macos, windows) => {
  const place = placeAt(at);
  expect(placeRoot(place, LINUX)).toBe(linux);
  expect(placeRoot(place, MACOS)).toBe(macos);
  expect(placeRoot(place, WINDOWS)).toBe(windows);
});

test("variables that are set count, on Windows with its slashes turned", () => {
  const set = { XDG_CONFIG_HOME: "/mnt/config", APPDATA: "D:\\Roaming\\" };
  expect(placeRoot(placeAt("$XDG_CONFIG_HOME/git"), { ...LINUX, environment: set })).toBe("/mnt/config/git");
  expect(placeRoot(placeAt("$APPDATA/Code"), { ...WINDOWS, environment: set })).toBe("D:/Roaming/Code");
  expect(placeRoot(placeAt("$APPDATA/Code"), { ...LINUX, environment: set })).toBeUndefined();
});

test.each(["", "relative/config"])("a variable that is %p is as if it were not set", (value) => {
  const machine = { ...LINUX, environment: { XDG_CONFIG_HOME: value } };
  expect(placeRoot(placeAt("$XDG_CONFIG_HOME"), machine)).toBe("/home/ada/.config");
});

test("an app has only the places of the machine's system", () => {
  const app = parseAppFile(
    "name: A\nplaces:\n  - { at: { linux: ~/.a, windows: $APPDATA/A }, files: [x] }\n  - { at: { macos: ~/Library/A }, files: [y] }\n",
    "a.yaml",
  );
  expect(placesOn(app, LINUX).map(({ root }) => root)).toEqual(["/home/ada/.a"]);
  expect(placesOn(app, MACOS)).toEqual([{ root: "/Users/ada/Library/A", place: app.places[1] as AppPlace }]);
  expect(placesOn(app, WINDOWS).map(({ root }) => root)).toEqual(["C:/Users/ada/AppData/Roaming/A"]);
});

/** On every system, as no file could say it of Windows' own folders. */
function placeAt(at: string): AppPlace {
  return { at: { linux: at, macos: at, windows: at }, as: "", files: ["x"], exclude: [], encrypt: [] };
}
