import { expect, test } from "bun:test";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { readOwnApps } from "../../../src/settings/catalogue/own-apps.ts";
import { catalogueOf, importMachine, namesUnder } from "../../helpers/import-machine.ts";

test("the apps that mackup names become those of a settings source, by the catalogue's names", async () => {
  const machine = importMachine({ apps: catalogueOf("git", "zsh", "sublime-text", "gh") });
  machine.write(
    ".mackup.cfg",
    `# mine
[storage]
engine = file_system
path = cloud ; where it is
[applications_to_sync]
git
ZSH
sublime-text-3
github-cli
some-mac-app
[applications_to_ignore]
zsh
`,
  );
  mkdirSync(join(machine.home, "cloud/Mackup"), { recursive: true });
  const plan = await machine.take("mackup");
  expect(plan.sources).toEqual([
    { name: "settings", entry: { settings: {}, apps: ["gh", "git", "sublime-text"] } },
  ]);
  expect(namesUnder(plan.leftOut, "apps that lull's catalogue does not have")).toEqual(["some-mac-app"]);
  expect(plan.found).toEqual([
    "mackup's settings: ~/.mackup.cfg (5 apps by name, 1 left out)",
    "its storage: ~/cloud/Mackup (file_system)",
  ]);
  const { config } = await machine.deps.config.load();
  expect(config.sources).toMatchObject([
    { kind: "settings", apps: [{ name: "gh" }, { name: "git" }, { name: "sublime-text" }] },
  ]);
});

test("without a list it is what the catalogue finds here, but for what mackup leaves out; lull says so", async () => {
  const machine = importMachine({ apps: catalogueOf("git", "sublime-text", "vim", "gone") });
  machine.write(".mackup.cfg", "[applications_to_ignore]\nsublime-text-3\n");
  for (const id of ["git", "sublime-text", "vim"]) machine.write(`.${id}rc`, "");
  const plan = await machine.plan("mackup");
  expect(plan.sources[0]?.entry["apps"]).toEqual(["git", "vim"]);
  expect(namesUnder(plan.leftOut, "mackup takes every app that it knows")).toEqual([]);
});

test("definitions of the person's own become lull's, folders with a slash; own ones win over the catalogue", async () => {
  const machine = importMachine({ apps: catalogueOf("git") });
  machine.write(".config/mackup/mackup.cfg", "[applications_to_sync]\nGit\nMy_Tool\nxonly\n");
  machine.write(
    ".mackup/my_tool.cfg",
    "[application]\nname = My Tool: the best\n[configuration_files]\n.mytoolrc\n.mytool\nLibrary/My Tool#1\n[xdg_configuration_files]\nmytool/config\n",
  );
  machine.write(".mackup/git.cfg", "[application]\nname = Git\n\n[configuration_files]\n.gitconfig\n");
  machine.write(".config/mackup/applications/xonly.cfg", "[xdg_configuration_files]\nxonly.toml\n");
  machine.write(".mackup/unwanted.cfg", "[application]\nname = U\n[configuration_files]\n.u\n");
  machine.write(".mytool/a", "");
  const plan = await machine.take("mackup");
  expect(plan.sources[0]?.entry["apps"]).toEqual(["git", "my-tool", "xonly"]);
  expect(plan.apps.map(({ id }) => id)).toEqual(["git", "my-tool", "xonly"]);
  const folder = join(machine.deps.places.configDirectory, "apps");
  expect(readFileSync(join(folder, "my-tool.yaml"), "utf8")).toBe(`name: "My Tool: the best"
places:
  - at: "~"
    files:
      - .mytoolrc
      - .mytool/
      - Library/My Tool#1
  - at: $XDG_CONFIG_HOME
    files:
      - mytool/config
    as: config
`);
  expect(readFileSync(join(folder, "xonly.yaml"), "utf8")).toContain("at: $XDG_CONFIG_HOME");
});

test("links into mackup's storage are named with the command that turns them back", async () => {
  const machine = importMachine({ apps: catalogueOf("git") });
  machine.write(
    ".mackup.cfg",
    "[storage]\nengine = file_system\npath = cloud\n[applications_to_sync]\ngit\n",
  );
  machine.write("cloud/Mackup/.gitconfig", "[user]\n");
  machine.write("cloud/Mackup/.config/git/ignore", "*.log\n");
  machine.write("cloud/Mackup/.vim/vimrc", "\n");
  machine.write("cloud/Mackup/.copied", "\n");
  machine.write(".copied", "\n");
  machine.link(".gitconfig", join(machine.home, "cloud/Mackup/.gitconfig"));
  machine.link(".config/git", "../cloud/Mackup/.config/git");
  machine.write("cloud/Mackup/.zshrc", "\n");
  machine.link(".zshrc", "/Volumes/cloud/Mackup/.zshrc");
  machine.link(".vim", join(machine.home, "elsewhere"));
  const plan = await machine.take("mackup");
  const [links] = plan.steps;
  expect(links?.names).toEqual(["~/.config/git", "~/.gitconfig", "~/.zshrc"]);
  expect(links?.text).toContain("mackup link uninstall");
});

test("the Dropbox folder is where Dropbox noted it down", async () => {
  const machine = importMachine();
  const folder = join(machine.home, "My Box");
  machine.write("My Box/Mackup/.a", "");
  machine.write(".dropbox/host.db", `0\n${Buffer.from(folder).toString("base64")}\n`);
  expect((await machine.plan("mackup")).found).toContain("its storage: ~/My Box/Mackup (dropbox)");
});

test("settings that belong to no section are refused with the line, and definitions that are broken are named", async () => {
  const machine = importMachine({ apps: catalogueOf("git") });
  machine.write(".mackup.cfg", "\n# c\ngit\n");
  await expect(machine.plan("mackup")).rejects.toMatchObject({
    code: "IMPORT_UNREADABLE",
    message: `line 3 of ${join(machine.home, ".mackup.cfg")} belongs to no section`,
  });
  machine.write(".mackup.cfg", "[storage]\nengine = pigeon\n");
  machine.write(".mackup/broken.cfg", "no section\n");
  machine.write(".mackup/empty.cfg", "[application]\nname = E\n");
  machine.write(".mackup/---.cfg", "[configuration_files]\n.x\n");
  machine.write(".mackup/my app.cfg", "[configuration_files]\n.one\n");
  machine.write(".mackup/my_app.cfg", "[configuration_files]\n.two\n");
  const plan = await machine.plan("mackup");
  expect(plan.apps.map(({ id, text }) => [id, text.includes(".one")])).toEqual([["my-app", true]]);
  expect(namesUnder(plan.leftOut, "definitions of yours whose names are the same")).toEqual(["my_app.cfg"]);
  expect(namesUnder(plan.leftOut, "definitions of yours that are no INI")).toEqual(["---.cfg", "broken.cfg"]);
  expect(namesUnder(plan.leftOut, "definitions of yours that name no file")).toEqual(["empty.cfg"]);
  expect(plan.found[1]).toBe("its storage (pigeon) is not on this machine");
});

test("paths that lead out of the home, absolute ones and such as a pattern would be are never taken", async () => {
  const machine = importMachine({ apps: catalogueOf() });
  machine.write(
    ".mackup/evil.cfg",
    "[application]\nname = E\n[configuration_files]\n../other\n/etc/passwd\na/../../b\n.ok\n*\n.a\u202eb\nx\\y\n$HOME/x\n!no\nC/.Git/x\n",
  );
  const plan = await machine.take("mackup");
  expect(plan.apps).toHaveLength(1);
  expect(plan.apps[0]?.text).toContain("files:\n      - .ok\n");
  expect(plan.apps[0]?.text).not.toMatch(/passwd|other|\*/);
  expect(namesUnder(plan.leftOut, "paths that lead out")).toEqual(["../other", "/etc/passwd", "a/../../b"]);
  expect(namesUnder(plan.leftOut, "names that lull would read as something else")).toEqual([
    "*",
    "$HOME/x",
    "!no",
  ]);
  expect(namesUnder(plan.leftOut, "files inside of a .git folder")).toEqual(["C/.Git/x"]);
  expect(namesUnder(plan.leftOut, "names with control characters")).toHaveLength(2);
});

test("where mackup is not, nothing is planned", async () => {
  await expect(importMachine().plan("mackup")).rejects.toMatchObject({
    code: "NOTHING_TO_IMPORT",
    kind: "usage",
  });
});

test("run again, nothing is written twice, and a definition that the person changed stays", async () => {
  const known = { apps: catalogueOf("git") };
  const machine = importMachine(known);
  machine.write(".mackup.cfg", "[applications_to_sync]\ngit\nmine\n");
  machine.write(".mackup/mine.cfg", "[application]\nname = M\n[configuration_files]\n.m\n");
  const first = await machine.take("mackup");
  const text = readFileSync(machine.configFile, "utf8");
  const second = await machine.take("mackup");
  expect(second).toMatchObject({ sources: [], apps: [], sourcesText: "" });
  expect(second.alreadyThere).toEqual(["apps and files that a source gathers already: 2"]);
  expect(readFileSync(machine.configFile, "utf8")).toBe(text);
  const file = first.apps[0]?.file ?? "";
  machine.write(file.slice(machine.home.length + 1), "name: Changed\n");
  machine.write(".mackup.cfg", "[applications_to_sync]\ngit\nmine\nvim\n");
  known.apps = catalogueOf("git", "vim");
  const third = await machine.take("mackup");
  expect(third.sources).toEqual([{ name: "settings-2", entry: { settings: {}, apps: ["vim"] } }]);
  expect(readFileSync(file, "utf8")).toBe("name: Changed\n");
  expect(namesUnder(third.leftOut, "definitions that are there already")).toEqual([
    file.replace(machine.home, "~"),
  ]);
});

test("mackup's own names are found in the real catalogue, and so are the apps that have settings here", async () => {
  const machine = importMachine();
  const names = [
    "git",
    "github-cli",
    "sublime-text-3",
    "oh-my-zsh",
    "intellijidea-2023.1",
    "terminal",
    "gpg",
    "nvim",
  ];
  machine.write(".mackup.cfg", `[applications_to_sync]\n${names.join("\n")}\n`);
  const named = await machine.plan("mackup");
  expect(named.leftOut).toEqual([]);
  expect(named.sources[0]?.entry["apps"]).toEqual([
    "gh",
    "git",
    "gnupg",
    "intellij-idea",
    "macos-terminal",
    "neovim",
    "oh-my-zsh",
    "sublime-text",
  ]);
  machine.write(".mackup.cfg", "[applications_to_ignore]\nvim\n");
  machine.write(".gitconfig", "");
  machine.write(".vimrc", "");
  machine.write(".config/starship.toml", "");
  expect((await machine.plan("mackup")).sources[0]?.entry["apps"]).toEqual(["git", "starship"]);
});

test("definitions that were taken over are read without a complaint", async () => {
  const machine = importMachine();
  machine.write(
    ".mackup/strange.cfg",
    "[application]\nname = {yes}: #1 'x'\n[configuration_files]\n.a b/c\n.d: e\nf#g\n.h/\n[xdg_configuration_files]\n.a b/c\n",
  );
  machine.write(".h/x", "");
  const plan = await machine.take("mackup");
  expect(plan.apps).toHaveLength(1);
  const { apps, problems } = await readOwnApps(join(machine.deps.places.configDirectory, "apps"));
  expect(problems).toEqual([]);
  expect(apps).toMatchObject([
    {
      id: "strange",
      name: "{yes}: #1 'x'",
      places: [
        { at: { linux: "~" }, files: [".a b/c", ".d", "f#g", ".h/"] },
        { at: { linux: "$XDG_CONFIG_HOME" }, files: [".a b/c"], as: "config" },
      ],
    },
  ]);
});
