import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { parseAppFile, readAppFile } from "../../src/config/app-file.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";
import { thrown } from "../helpers/thrown.ts";

test("a file that says everything becomes a definition", () => {
  const text = `name: Visual Studio Code
about: editor
places:
  - at: { linux: $XDG_CONFIG_HOME/Code, windows: $APPDATA/Code }
    as: code/
    files: [User/settings.json, User/snippets/]
    exclude: ["**/workspaceStorage/**"]
    encrypt: [User/secrets.json]
preferences: [com.example.App]
programs: [code]
running: { linux: [code], windows: [Code.exe] }
hints: { quit: Quit it first., reload: Start it again. }
`;
  expect(parseAppFile(text, "/own/apps/vs-code.yaml")).toEqual({
    id: "vs-code",
    name: "Visual Studio Code",
    about: "editor",
    places: [
      {
        at: { linux: "$XDG_CONFIG_HOME/Code", windows: "$APPDATA/Code" },
        as: "code",
        files: ["User/settings.json", "User/snippets/"],
        exclude: ["**/workspaceStorage/**"],
        encrypt: ["User/secrets.json"],
      },
    ],
    preferences: ["com.example.App"],
    programs: ["code"],
    running: { linux: ["code"], macos: [], windows: ["Code.exe"] },
    hints: { quit: "Quit it first.", reload: "Start it again." },
  });
});

test("what is left out has its default, and one folder serves all systems", () => {
  expect(parseAppFile('name: A\nplaces: [{ at: "~", files: [.arc] }]\n', "C:\\own\\a.yml")).toEqual({
    id: "a",
    name: "A",
    about: "",
    places: [
      { at: { linux: "~", macos: "~", windows: "~" }, as: "", files: [".arc"], exclude: [], encrypt: [] },
    ],
    preferences: [],
    programs: [],
    running: { linux: [], macos: [], windows: [] },
    hints: {},
  });
});

describe("a mistake is shown where it stands:", () => {
  test.each([
    [
      "a misspelt key",
      "name: A\nplaces:\n  - at: ~/.a\n    fils: [x]\n",
      "a.yaml:4:5: unknown key `fils`; did you mean `files`?\n  4 |     fils: [x]\n    |     ^^^^",
    ],
    [
      "a key at the wrong place",
      "name: A\nfiles: [x]\npreferences: [com.a]\n",
      "a.yaml:2:1: unknown key `files`; it belongs to one of `places`\n  2 | files: [x]\n    | ^^^^^",
    ],
    [
      "a system at the wrong place",
      "name: A\nplaces:\n  - at: ~/.a\n    files: [x]\n    linux: y\n",
      "a.yaml:5:5: unknown key `linux`; systems are told apart by `at` and `running`\n  5 |     linux: y\n    |     ^^^^^",
    ],
    [
      "a text for a list",
      "name: A\nplaces:\n  - at: ~/.a\n    files: x\n",
      'a.yaml:4:12: `places.0.files` must be a list, not "x"; write `[config.toml, themes/]`\n  4 |     files: x\n    |            ^',
    ],
    [
      "a home without quotes, which is nothing in YAML",
      "name: A\nplaces:\n  - at: ~\n    files: [x]\n",
      'a.yaml:3:9: `places.0.at` must be a text or a group of keys, not empty; the home folder alone is written in quotes: `"~"`\n  3 |   - at: ~\n    |         ^',
    ],
    [
      "the same for one system",
      "name: A\nplaces:\n  - at: { linux: ~ }\n    files: [x]\n",
      'a.yaml:3:18: `places.0.at.linux` must be a text, not empty; the home folder alone is written in quotes: `"~"`\n  3 |   - at: { linux: ~ }\n    |                  ^',
    ],
    [
      "a misspelt root",
      "name: A\nplaces:\n  - at: $XDG_CONFG_HOME/a\n    files: [x]\n",
      'a.yaml:3:9: "$XDG_CONFG_HOME/a" must begin with one of ~, $XDG_CONFIG_HOME, $XDG_DATA_HOME, $XDG_STATE_HOME, $APPDATA, $LOCALAPPDATA, $USERPROFILE; did you mean `$XDG_CONFIG_HOME`?\n  3 |   - at: $XDG_CONFG_HOME/a\n    |         ^^^^^^^^^^^^^^^^^',
    ],
    [
      "an absolute place",
      "name: A\nplaces:\n  - at: /etc/a\n    files: [x]\n",
      'a.yaml:3:9: "/etc/a" must begin with one of',
    ],
    [
      "a folder of Windows for every system",
      "name: A\nplaces:\n  - at: $APPDATA/A\n    files: [x]\n",
      'a.yaml:3:9: "$APPDATA" exists only on Windows; write `{ windows: $APPDATA/A }`',
    ],
    [
      "a folder of Windows for Linux",
      "name: A\nplaces:\n  - at: { linux: $APPDATA/A }\n    files: [x]\n",
      'a.yaml:3:18: "$APPDATA" exists only on Windows',
    ],
    [
      "backslashes",
      "name: A\nplaces:\n  - at: { windows: $APPDATA\\A }\n    files: [x]\n",
      'a.yaml:3:20: "$APPDATA\\A" has backslashes; write `/`, also for Windows',
    ],
    [
      "a glob for a place",
      "name: A\nplaces:\n  - at: ~/.a*\n    files: [x]\n",
      'a.yaml:3:9: "~/.a*" is a glob; a place is one folder, globs belong into `files`',
    ],
    [
      "a place that leads out",
      "name: A\nplaces:\n  - at: ~/../bob\n    files: [x]\n",
      'a.yaml:3:9: "~/../bob" leads out of its folder by `..`',
    ],
    [
      "no system",
      "name: A\nplaces:\n  - at: {}\n    files: [x]\n",
      "a.yaml:3:5: `places.0.at` names no system",
    ],
    [
      "nothing to take",
      "name: A\nplaces:\n  - at: ~/.a\n",
      "`places.0` takes nothing; name something in `files` or `encrypt`",
    ],
    [
      "no settings at all",
      "name: A\nprograms: [a]\n",
      "it says of no settings where they are; write `places`, or `preferences` for those that macOS keeps",
    ],
    ["no name", "preferences: [com.a]\n", "`name` is missing"],
    [
      "a program with its folder",
      "name: A\nprograms: [/usr/bin/a]\npreferences: [com.a]\n",
      "a.yaml:2:12: `programs.0` is no name of a command; leave its folder out",
    ],
    [
      "a preference domain that is a path",
      "name: A\npreferences: [../com.a]\n",
      "a.yaml:2:15: `preferences.0` is no preference domain such as com.example.App",
    ],
    [
      "two places at one path of the repository",
      "name: A\nplaces:\n  - { at: ~/.a, files: [x, y] }\n  - { at: ~/.b, encrypt: [y] }\n",
      'a.yaml:4:5: "y" is taken by a place above too, and both keep it at one path; give one of them an `as`',
    ],
  ])("%s", (_, text, shown) => {
    const error = thrown(() => parseAppFile(text, "a.yaml"));
    expect({ kind: error.kind, code: error.code }).toEqual({ kind: "config", code: "APP_INVALID" });
    expect(error.hint).toBe("correct the file, then look at it with `lull apps show <app>`");
    expect(error.causes).toEqual([expect.stringContaining(shown)]);
  });

  test("several at once, in their order", () => {
    const error = thrown(() =>
      parseAppFile("nam: A\nplaces:\n  - at: ~/.a\n    files: [../x, /y]\n", "a.yaml"),
    );
    expect(error.message).toBe("4 mistakes in a.yaml, the first in line 1");
    expect(error.causes.map((cause) => cause.split("\n")[0])).toEqual([
      "a.yaml:1:1: unknown key `nam`; did you mean `name`?",
      "a.yaml:1:1: `name` is missing",
      'a.yaml:4:13: "../x" leads out of its folder by `..`',
      'a.yaml:4:19: "/y" must be relative to `at`',
    ]);
  });
});

test.each([
  "../x",
  "a/../../x",
  "/x",
  "C:/x",
  "C:x",
  "~/x",
  "$HOME/x",
  "./x",
  "a//x",
  "a\\x",
  "!x",
  ".git/config",
  "a/.GIT/x",
])("the path %p below a place is refused", (path) => {
  for (const key of ["files", "exclude", "encrypt"]) {
    const rest = key === "files" ? "" : ", files: [x]";
    const text = `name: A\nplaces: [{ at: ~/.a, ${key}: [${JSON.stringify(path)}]${rest} }]\n`;
    expect(() => parseAppFile(text, "a.yaml")).toThrow("a.yaml:2:");
  }
  const as = `name: A\nplaces: [{ at: ~/.a, files: [x], as: ${JSON.stringify(path)} }]\n`;
  expect(() => parseAppFile(as, "a.yaml")).toThrow("a.yaml:2:");
});

test("places that no system has both of may share a path of the repository", () => {
  const text =
    "name: A\nplaces:\n  - { at: { linux: ~/.a }, files: [x] }\n  - { at: { macos: ~/Library/A }, files: [x] }\n";
  expect(parseAppFile(text, "a.yaml").places).toHaveLength(2);
});

test.each([
  ["My App.yaml", "my-app.yaml"],
  ["Ünï.yaml", "n.yaml"],
  ["-.yaml", "my-app.yaml"],
  [`${"a".repeat(65)}.yaml`, `${"a".repeat(64)}.yaml`],
])("a file named %s can name no app, and the error says how to call it", (name, better) => {
  const error = thrown(() => parseAppFile("name: A\npreferences: [com.a]\n", `/own/${name}`));
  expect(error.code).toBe("BAD_APP_NAME");
  expect(error.hint).toBe(`rename the file, for instance to ${better}`);
});

test("what no person writes is refused before it is parsed", () => {
  const folder = temporaryDirectory();
  const file = (name: string, bytes: string | Uint8Array): string => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };
  expect(() => readAppFile(file("a.yaml", new Uint8Array([0xff])))).toThrow(
    `the app definition ${join(folder, "a.yaml")} is not valid UTF-8`,
  );
  expect(() => readAppFile(file("b.yaml", "[".repeat(100)))).toThrow("is nested more than 40 deep");
  expect(() => readAppFile(file("c.yaml", "- a\n"))).toThrow(
    "the file must hold `key: value` lines, such as `name: My App`",
  );
  mkdirSync(join(folder, "d.yaml"));
  expect(() => readAppFile(join(folder, "d.yaml"))).toThrow("is no regular file");
  expect(thrown(() => readAppFile(join(folder, "gone.yaml"))).code).toBe("ENOENT");
});
