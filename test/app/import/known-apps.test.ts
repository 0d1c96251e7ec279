import { expect, test } from "bun:test";

import { appsHere } from "../../../src/app/import/known-apps.ts";
import type { AppDefinition } from "../../../src/config/app-definition.ts";
import { importMachine } from "../../helpers/import-machine.ts";

function app(
  id: string,
  at: string,
  files: readonly string[],
  encrypt: readonly string[] = [],
): AppDefinition {
  const place = { at: { linux: at }, as: "", files, encrypt, exclude: [] };
  const rest = { about: "", preferences: [], programs: [], running: {}, hints: {} };
  return { id, name: id, places: [place], ...rest } as unknown as AppDefinition;
}

test("an app is here when a file or folder of it is, by its name or by what its pattern begins with", async () => {
  const machine = importMachine();
  machine.write(".plainrc", "");
  machine.write(".config/folder/a/b.toml", "");
  machine.write(".config/pattern/one.conf", "");
  machine.write(".secret/key", "");
  machine.link(".dangling", "nowhere");
  const apps = [
    app("plain", "~", [".plainrc"]),
    app("folder", "$XDG_CONFIG_HOME", ["folder/"]),
    app("pattern", "$XDG_CONFIG_HOME/pattern", ["*.conf"]),
    app("other-pattern", "$XDG_CONFIG_HOME/pattern", ["*.toml"]),
    app("deep-pattern", "$XDG_CONFIG_HOME", ["folder/**/*.toml"]),
    app("secret", "~/.secret", [], ["key"]),
    app("link", "~", [".dangling"]),
    app("gone", "~", [".gone", "gone*/x"]),
  ];
  const { files } = await machine.deps.importMeans();
  const place = { system: "linux" as const, home: machine.home, environment: {} };
  expect(appsHere(apps, place, files)).toEqual([
    "plain",
    "folder",
    "pattern",
    "deep-pattern",
    "secret",
    "link",
  ]);
});
