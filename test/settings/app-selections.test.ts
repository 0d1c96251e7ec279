import { expect, test } from "bun:test";

import { appSelections } from "../../src/settings/app-selections.ts";
import type { AppDefinition } from "../../src/config/app-definition.ts";

const APP: AppDefinition = {
  id: "tool",
  name: "Tool",
  about: "",
  places: [
    {
      at: { linux: "~/.tool", macos: "~/.tool" },
      as: "",
      files: ["config", "hosts", "themes/"],
      exclude: ["cache"],
      encrypt: ["token"],
    },
  ],
  preferences: ["com.example.Tool"],
  programs: [],
  running: { linux: [], macos: [], windows: [] },
  hints: {},
};
const machine = { system: "macos", home: "/home/me", environment: {} } as const;
const NONE = { machine, exclude: [], encrypt: () => false, preferencesFolder: undefined };

test("an app's places are one selection each, with what is kept encrypted only", () => {
  expect(appSelections(APP, NONE)).toEqual([
    {
      app: "tool",
      root: "/home/me/.tool",
      folder: "apps/tool",
      files: ["config", "hosts", "themes/", "token"],
      exclude: ["cache"],
      encrypt: ["token"],
    },
  ]);
  expect(appSelections(APP, { ...NONE, encrypt: (id) => id === "tool" })[0]?.encrypt).toEqual([
    "config",
    "hosts",
    "themes/",
    "token",
  ]);
});

test("what the source excludes is left out, also where the catalogue names that very file", () => {
  const [selection] = appSelections(APP, { ...NONE, exclude: ["hosts", "themes"] });
  expect(selection?.files).toEqual(["config", "token"]);
  expect(selection?.exclude).toEqual(["cache", "hosts", "themes"]);
});

test("preferences are one more, where the system has them", () => {
  expect(appSelections(APP, { ...NONE, preferencesFolder: "/state/preferences" })[1]).toEqual({
    app: "tool",
    root: "/state/preferences/tool",
    folder: "apps/tool/macos-preferences",
    files: ["com.example.Tool.plist"],
    exclude: [],
    encrypt: [],
    staged: true,
  });
});
