import { describe, expect, test } from "bun:test";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { parseAppFile } from "../../../src/config/app-file.ts";
import type { AppDefinition } from "../../../src/config/app-definition.ts";
import { loadCatalogue, openCatalogue } from "../../../src/settings/catalogue/catalogue.ts";
import { readOwnApps } from "../../../src/settings/catalogue/own-apps.ts";
import { temporaryDirectory } from "../../helpers/system-git.ts";
import { thrown } from "../../helpers/thrown.ts";

const BUILT_IN = [app("neovim", "Neovim", ["nvim"]), app("git", "Git", ["git"]), app("vscode", "VS Code")];

test("apps are listed by their ids, and a person's own definition wins", () => {
  const mine = app("git", "My Git");
  const catalogue = openCatalogue({ builtIn: BUILT_IN, own: [mine, app("zz", "Zz")] });
  expect(catalogue.list().map(({ id }) => id)).toEqual(["git", "neovim", "vscode", "zz"]);
  expect(catalogue.find("git")).toBe(mine);
  expect(["git", "zz", "neovim", "gone"].map((id) => catalogue.isOwn(id))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

describe("an unknown app is answered with the one that was meant:", () => {
  test.each([
    ["neovin", 'did you mean "neovim"? `lull apps list` shows all apps'],
    ["vs code", 'did you mean "vscode"? `lull apps list` shows all apps'],
    ["nvim", 'did you mean "neovim"? `lull apps list` shows all apps'],
    ["GIT", 'did you mean "git"? `lull apps list` shows all apps'],
    [
      "photoshop",
      "`lull apps list --all-systems` shows all apps; what none of them has, `files:` of a settings source takes",
    ],
    [
      "",
      "`lull apps list --all-systems` shows all apps; what none of them has, `files:` of a settings source takes",
    ],
  ])("%p", (word, hint) => {
    const error = thrown(() => openCatalogue({ builtIn: BUILT_IN, own: [] }).find(word));
    expect({ kind: error.kind, code: error.code, message: error.message, hint: error.hint }).toEqual({
      kind: "usage",
      code: "UNKNOWN_APP",
      message: `there is no app named "${word}"`,
      hint,
    });
  });
});

describe("a person's own folder", () => {
  test("that is not there has no apps, and that is no problem", async () => {
    expect(await readOwnApps(join(temporaryDirectory(), "none"))).toEqual({ apps: [], problems: [] });
  });

  test("gives what can be read, and says of each other file why it can not", async () => {
    const folder = temporaryDirectory();
    const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
    write("good.yaml", "name: Good\npreferences: [com.good]\n");
    write("also-good.yml", "name: Also\npreferences: [com.also]\n");
    write("good.yml", "name: Twice\npreferences: [com.twice]\n");
    write("bad.yaml", "name: Bad\nplaces:\n  - at: ~/.bad\n    fils: [x]\n");
    write("Wrong Name.yaml", "name: Wrong\npreferences: [com.wrong]\n");
    write("notes.txt", "no definition");
    write(".good.yaml.swp.yaml", "{{{");
    mkdirSync(join(folder, "folder.yaml"));
    symlinkSync(join(folder, "good.yaml"), join(folder, "linked.yaml"));
    const { apps, problems } = await readOwnApps(folder);
    expect(apps.map(({ id, name }) => [id, name])).toEqual([
      ["also-good", "Also"],
      ["good", "Good"],
      ["linked", "Good"],
    ]);
    expect(problems.map(({ code, message }) => [code, message.replaceAll(`${folder}/`, "")])).toEqual([
      ["BAD_APP_NAME", 'Wrong Name.yaml: "Wrong Name" can name no app'],
      ["APP_INVALID", "bad.yaml:4:5: unknown key `fils`; did you mean `files`?"],
      ["APP_INVALID", "the app definition folder.yaml is no regular file"],
      ["APP_TWICE", 'good.yml: the app "good" is defined by another file of this folder already'],
    ]);
    expect(problems[1]?.causes[0]?.split("\n").slice(1)).toEqual(["  4 |     fils: [x]", "    |     ^^^^"]);
  });

  test("that is a file is one problem", async () => {
    const file = join(temporaryDirectory(), "apps");
    writeFileSync(file, "");
    const { apps, problems } = await readOwnApps(file);
    expect(apps).toEqual([]);
    expect(problems.map(({ code }) => code)).toEqual(["ENOTDIR"]);
  });
});

test("the whole catalogue is the built-in one with the person's own over it", async () => {
  const folder = temporaryDirectory();
  writeFileSync(join(folder, "git.yaml"), "name: My Git\npreferences: [com.git]\n");
  writeFileSync(join(folder, "bad.yaml"), "nam: x\n");
  const { catalogue, problems } = await loadCatalogue(folder);
  expect(catalogue.find("git").name).toBe("My Git");
  expect(catalogue.find("zsh").name).toBe("Zsh");
  expect(catalogue.list().length).toBeGreaterThan(200);
  expect(problems.map(({ code }) => code)).toEqual(["APP_INVALID"]);
});

function app(id: string, name: string, programs: readonly string[] = []): AppDefinition {
  return parseAppFile(
    `name: ${name}\nprograms: [${programs.join(", ")}]\npreferences: [com.${id}]\n`,
    `${id}.yaml`,
  );
}
