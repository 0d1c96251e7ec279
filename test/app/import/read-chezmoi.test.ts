import { expect, test } from "bun:test";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { type ImportMachine, importMachine, namesUnder } from "../../helpers/import-machine.ts";
import { git } from "../../helpers/system-git.ts";

const SOURCE = ".local/share/chezmoi";

function chezmoiMachine(files: Readonly<Record<string, string>>): ImportMachine {
  const machine = importMachine();
  for (const [name, text] of Object.entries(files)) machine.write(`${SOURCE}/${name}`, text);
  return machine;
}

function repositoryOf(machine: ImportMachine, remote?: string): string {
  const folder = join(machine.home, SOURCE);
  git(folder, "init", "-q");
  git(folder, "add", ".");
  git(folder, "commit", "-qm", "first");
  if (remote !== undefined) git(folder, "remote", "add", "origin", remote);
  return folder;
}

test("the targets of plain and encrypted files become the files of a settings source", async () => {
  const machine = chezmoiMachine({
    dot_bashrc: "",
    "dot_config/git/config": "",
    "private_dot_ssh/private_config": "",
    "encrypted_private_dot_netrc.age": "",
    symlink_dot_vimrc: ".vim/vimrc",
    create_dot_machine: "",
  });
  repositoryOf(machine, "https://me:hunter2@example.com/me/dots.git");
  const plan = await machine.take("chezmoi", { remote: "https://example.com/me/settings.git" });
  expect(plan.sources).toEqual([
    {
      name: "settings",
      entry: {
        settings: {},
        remote: "https://example.com/me/settings.git",
        files: [
          "~/.bashrc",
          "~/.config/git/config",
          "~/.machine",
          { path: "~/.netrc", encrypt: true },
          "~/.ssh/config",
          "~/.vimrc",
        ],
      },
    },
  ]);
  expect(plan.leftOut).toEqual([]);
  expect(plan.found).toEqual([
    "chezmoi's source folder: ~/.local/share/chezmoi (files to take over: 6, encrypted among them: 1)",
    "its remote: https://example.com/me/dots.git",
  ]);
  expect(JSON.stringify(plan)).not.toContain("hunter2");
  expect(readFileSync(machine.configFile, "utf8")).toContain(
    plan.sourcesText.split("\n").slice(1).join("\n"),
  );
});

test("what lull has no equivalent for is named: templates, scripts, changes, externals, removals, conditions", async () => {
  const machine = chezmoiMachine({
    "dot_gitconfig.tmpl": "",
    "dot_config/app/exact_private_x.tmpl": "",
    "encrypted_dot_token.tmpl.age": "",
    "symlink_dot_link.tmpl": "",
    "run_once_install.sh": "",
    ".chezmoiscripts/linux/run_a.sh": "",
    modify_dot_prefs: "",
    remove_dot_old: "",
    "remove_dot_olddir/x": "",
    "external_dot_vim/y": "",
    "exact_dot_local/bin/executable_tool": "",
    ".chezmoiremove": "# gone\n.older\n",
    ".chezmoiexternal.toml": '[".oh-my-zsh"]\n  type = "archive"\n[".fzf"]\n  type = "git-repo"\n',
    "sub/.chezmoiexternal.yaml": "lib:\n  type: file\n",
    ".chezmoiexternals/broken.json": "{{ nothing }}",
    ".chezmoitemplates/part": "",
    ".chezmoidata.yaml": "a: 1\n",
    ".chezmoi.toml.tmpl": "",
    ".github/workflows/x.yml": "",
    ".chezmoiignore": "README.md\n{{ if .x }}\nlater\n{{ end }}\nexact\ndocs\n",
    "README.md": "",
    "docs/a/b": "",
    later: "",
  });
  machine.link(`${SOURCE}/linked`, "/etc/passwd");
  const plan = await machine.take("chezmoi");
  expect(plan.sources[0]?.entry["files"]).toEqual(["~/.link", "~/.local/bin/tool", "~/later"]);
  const named = (start: string): readonly string[] | undefined => namesUnder(plan.leftOut, start);
  expect(named("templates:")).toEqual([
    ".chezmoitemplates",
    ".config/app/exact_private_x",
    ".gitconfig",
    ".token",
  ]);
  expect(named("scripts:")).toEqual(["run_a.sh", "run_once_install.sh"]);
  expect(named("modify_ scripts")).toEqual([".prefs"]);
  expect(named("externals:")).toEqual([".oh-my-zsh", ".fzf", "broken.json", ".vim", "sub/lib"]);
  expect(named("removals:")).toEqual([".older", ".old", ".olddir"]);
  expect(named("exact_ folders")).toEqual([".local"]);
  expect(named("conditions in .chezmoiignore")).toEqual([]);
  expect(named("links in the source folder")).toEqual(["linked"]);
});

test.each([
  ["toml", 'sourceDir = "~/dots"\ndestDir = "~/target"\n[git]\n  autoCommit = true\n'],
  ["yaml", "sourceDir: ~/dots\ndestDir: ~/target\ngit: { autoCommit: true }\n"],
  ["json", '{ "sourceDir": "~/dots", "destDir": "~/target", "git": { "autoCommit": true } }'],
  ["jsonc", '{ // mine\n "sourceDir": "~/dots", "destDir": "~/target", "git": { "autoPush": true } }'],
])("source folder, root and destination are where the settings say, in %s", async (ending, text) => {
  const machine = importMachine();
  machine.write("dots/home/dot_a", "");
  machine.write("dots/README.md", "");
  machine.write("dots/.chezmoiroot", "home\n");
  machine.write(`.config/chezmoi/chezmoi.${ending}`, text);
  git(machine.home, "init", "-q", "dots");
  const plan = await machine.plan("chezmoi", { withFolder: true });
  expect(plan.sources.map(({ entry }) => entry)).toEqual([
    { settings: {}, files: ["~/target/.a"] },
    { repo: "~/dots" },
  ]);
  expect(plan.steps.some((step) => step.text.startsWith("switch `git.autoCommit`"))).toBe(true);
});

test("a root that leads out of the source folder is not followed", async () => {
  const machine = chezmoiMachine({ ".chezmoiroot": "../..\n", dot_a: "" });
  expect((await machine.plan("chezmoi")).sources[0]?.entry["files"]).toEqual(["~/.a"]);
});

test("with its folder, chezmoi's own repository is a source with its own remote", async () => {
  const machine = chezmoiMachine({ dot_a: "" });
  repositoryOf(machine, "git@example.com:me/dots.git");
  const plan = await machine.take("chezmoi", { withFolder: true, schedule: "daily at 02:00" });
  expect(plan.sources).toEqual([
    { name: "settings", entry: { settings: {}, files: ["~/.a"], schedule: "daily at 02:00" } },
    {
      name: "chezmoi",
      entry: { repo: `~/${SOURCE}`, remote: "git@example.com:me/dots.git", schedule: "daily at 02:00" },
    },
  ]);
  const again = await machine.take("chezmoi", { withFolder: true });
  expect(again.sources).toEqual([]);
  expect(again.alreadyThere).toContain(`~/${SOURCE} is the source "chezmoi"`);
  const plain = chezmoiMachine({ dot_a: "" });
  const withoutRepository = await plain.plan("chezmoi", { withFolder: true });
  expect(withoutRepository.sources).toHaveLength(1);
  expect(namesUnder(withoutRepository.leftOut, "chezmoi's own folder: it is no git")).toHaveLength(1);
});

test.each([
  ["git@example.com:me/dots.git"],
  ["https://example.com/me/dots"],
  ["ssh://git@EXAMPLE.com:22/me/dots.git/"],
])("chezmoi's own repository is never the remote of the gathered files: %s", async (remote) => {
  const machine = chezmoiMachine({ dot_a: "" });
  repositoryOf(machine, "https://example.com/me/dots.git");
  await expect(machine.plan("chezmoi", { remote })).rejects.toMatchObject({
    code: "FOREIGN_REMOTE",
    kind: "usage",
  });
});

test("links into chezmoi's folder are named before the first sync", async () => {
  const machine = chezmoiMachine({ dot_a: "", dot_b: "" });
  machine.link(".a", join(machine.home, SOURCE, "dot_a"));
  const [first] = (await machine.take("chezmoi")).steps;
  expect(first?.names).toEqual(["~/.a"]);
  expect(first?.text).toContain("turn links into chezmoi's folder back into files");
});

test("names that lead out, that are no text, or that YAML would take for something else", async () => {
  const strange = ["& anchor", "'quoted' \"name\"", "a!tag", "@at, b", "a: no # c", "yes", "---"];
  const refused = [
    "dot_.",
    "literal_..",
    "private_",
    "private_dot_./x",
    "a\nb",
    "a[1]*",
    "- {x",
    "!x",
    "~",
    "dot_git/x",
  ];
  const machine = chezmoiMachine(Object.fromEntries([...strange, ...refused].map((name) => [name, ""])));
  const plan = await machine.take("chezmoi");
  const files = strange.map((name) => `~/${name}`).sort();
  expect(plan.sources[0]?.entry["files"]).toEqual(files);
  expect(namesUnder(plan.leftOut, "paths that lead out")?.toSorted()).toEqual(["", ".."]);
  expect(namesUnder(plan.leftOut, "names that lull would read as something else")?.toSorted()).toEqual([
    "!x",
    "- {x",
    "a[1]*",
    "~",
  ]);
  expect(namesUnder(plan.leftOut, "files inside of a .git folder")).toEqual([".git"]);
  expect(namesUnder(plan.leftOut, "names with control characters")).toEqual(["a\nb"]);
  const [source] = (await machine.deps.config.load()).config.sources;
  const written = source?.kind === "settings" ? source.files.map(({ path }) => path) : [];
  expect([...written].sort()).toEqual(files);
});

test("settings that can not be read are refused by name, and where there is nothing it says where it looked", async () => {
  const machine = chezmoiMachine({ dot_a: "" });
  machine.write(".config/chezmoi/chezmoi.toml", "sourceDir = \n");
  await expect(machine.plan("chezmoi")).rejects.toMatchObject({ code: "IMPORT_UNREADABLE", kind: "config" });
  const empty = importMachine();
  await expect(empty.plan("chezmoi")).rejects.toMatchObject({ code: "NOTHING_TO_IMPORT" });
  mkdirSync(join(empty.home, SOURCE), { recursive: true });
  expect((await empty.plan("chezmoi")).sources).toEqual([]);
});
