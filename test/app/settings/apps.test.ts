/** `lull apps`: what is here is told without opening it, and chosen in the config as a person would write it. */
import { expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { addApps, type AddAppsInput } from "../../../src/app/settings/add-apps.ts";
import { detectApps, type DetectedApp } from "../../../src/app/settings/detect-apps.ts";
import { listApps } from "../../../src/app/settings/list-apps.ts";
import { removeApps } from "../../../src/app/settings/remove-apps.ts";
import { showApp } from "../../../src/app/settings/show-app.ts";
import { syncSources } from "../../../src/app/sync-sources.ts";
import { composed, type Composed } from "../../helpers/composed.ts";
import { git } from "../../helpers/system-git.ts";
import { treeSnapshot } from "../../helpers/tree-snapshot.ts";

type AppsHome = Composed & {
  write(path: string, content: string, mode?: number): void;
  config(): string;
  add(apps: readonly string[], more?: Partial<AddAppsInput>): ReturnType<typeof addApps>;
};

/** With a PATH on which only `git` and `htop` are. */
function appsHome(): AppsHome {
  const place = composed({ PATH: "" });
  const write = (path: string, content: string, mode = 0o644): void => {
    mkdirSync(dirname(join(place.home, path)), { recursive: true });
    writeFileSync(join(place.home, path), content, { mode });
  };
  for (const name of ["git", "htop"]) write(`bin/${name}`, "#!/bin/sh\nexit 1\n", 0o755);
  const { deps, context } = place;
  const find = (name: string): string | undefined =>
    ["git", "htop"].includes(name) ? join(place.home, "bin", name) : undefined;
  const settings = { ...deps.settings, findPrograms: () => find };
  const ours = { ...deps, settings };
  return {
    ...place,
    deps: ours,
    write,
    config: () => readFileSync(place.configFile, "utf8"),
    add: (apps, more = {}) =>
      addApps(
        ours,
        { apps, source: undefined, remote: undefined, encrypt: false, dryRun: false, ...more },
        context,
      ),
  };
}

function withConfig(home: AppsHome, lines: readonly string[]): void {
  mkdirSync(dirname(home.configFile), { recursive: true });
  writeFileSync(home.configFile, ["version: 1", "sources:", ...lines, ""].join("\n"), { mode: 0o600 });
}

test("detect names the apps that are here, with what would be gathered, and opens and changes nothing", async () => {
  const home = appsHome();
  home.write(".gitconfig", "[user]\n");
  home.write(".config/git/ignore", "*.log\n");
  home.write(".aws/config", "[default]\n");
  home.write(".aws/credentials", "[default]\n", 0o000);
  home.write(".aws/sso/cache/token", "secret\n");
  symlinkSync("elsewhere", join(home.home, ".vimrc"));
  const before = treeSnapshot(home.home);
  const found = await detectApps(home.deps, home.context);
  expect(found.apps).toEqual([
    app("aws", "AWS CLI", { files: 2, bytes: 20, encrypted: 1 }),
    app("git", "Git", { files: 2, bytes: 13, program: join(home.home, "bin/git") }),
    app("htop", "htop", { program: join(home.home, "bin/htop") }),
    app("vim", "Vim", { files: 1, bytes: 9 }),
  ]);
  expect(found.leftOut).toEqual({ noKey: [{ app: "aws", path: "~/.aws/credentials" }], unreadable: [] });
  expect(found.known).toBeGreaterThan(400);
  expect(treeSnapshot(home.home)).toEqual(before);
});

function app(id: string, name: string, more: Partial<DetectedApp>): DetectedApp {
  const nothing = { program: undefined, files: 0, bytes: 0, encrypted: 0 };
  return { id, name, isOwn: false, ...nothing, preferences: [], sources: [], ...more };
}

test("detect counts as the source does that has the app: its excludes, and what it encrypts", async () => {
  const home = appsHome();
  withConfig(home, [
    "  mine:",
    "    settings: {}",
    "    apps: [{ name: neovim, encrypt: true }]",
    "    exclude: [left-out.lua]",
  ]);
  home.write(".config/nvim/lua/a.lua", "\n");
  home.write(".config/nvim/lua/left-out.lua", "\n");
  const { apps, sources } = await detectApps(home.deps, home.context);
  expect(apps.find(({ id }) => id === "neovim")).toMatchObject({ files: 1, encrypted: 1, sources: ["mine"] });
  expect(sources).toEqual(["mine"]);
});

test("a person's own definition counts, and one with a mistake is named without stopping the others", async () => {
  const home = appsHome();
  const folder = join(home.deps.places.configDirectory, "apps");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "mine.yaml"), 'name: Mine\nplaces:\n  - at: "~"\n    files: [.minerc]\n');
  writeFileSync(join(folder, "broken.yaml"), "name: 3\n");
  chmodSync(folder, 0o700);
  home.write(".minerc", "x\n");
  const { apps, problems } = await detectApps(home.deps, home.context);
  expect(apps.find(({ id }) => id === "mine")).toMatchObject({ isOwn: true, files: 1 });
  expect(problems).toEqual([expect.stringContaining("broken.yaml")]);
  const list = await listApps(home.deps, { allSystems: false });
  expect(list.apps.find(({ id }) => id === "mine")).toMatchObject({ name: "Mine", isOwn: true });
  expect(list.problems).toHaveLength(1);
});

test("list has the apps of this system, or all", async () => {
  const home = appsHome();
  const here = await listApps(home.deps, { allSystems: false });
  const all = await listApps(home.deps, { allSystems: true });
  expect(here.apps.every(({ systems }) => systems.includes(here.system))).toBe(true);
  expect(all.apps).toHaveLength(here.apps.length + here.elsewhere);
  expect([all.elsewhere, here.elsewhere > 0]).toEqual([0, true]);
});

test("show tells what of an app is here, and what becomes of each file", async () => {
  const home = appsHome();
  home.write(".aws/config", "[default]\n");
  home.write(".aws/credentials", "[default]\n");
  const shown = await showApp(home.deps, { id: "aws" }, home.context);
  expect(shown).toMatchObject({ name: "AWS CLI", program: undefined, sources: [], hasKey: false });
  expect(shown.places.map(({ root, folder }) => [root, folder])).toEqual([["~/.aws", "apps/aws"]]);
  expect(shown.files).toEqual([
    { path: "~/.aws/config", bytes: 10, encrypt: false },
    { path: "~/.aws/credentials", bytes: 10, encrypt: true },
  ]);
  expect((await showApp(home.deps, { id: "zsh" }, home.context)).files).toEqual([]);
  await expect(showApp(home.deps, { id: "zhs" }, home.context)).rejects.toMatchObject({
    code: "UNKNOWN_APP",
    hint: 'did you mean "zsh"? `lull apps list` shows all apps',
  });
});

test("add makes a config, a source and a remote where there are none; what it made is gathered", async () => {
  const home = appsHome();
  home.write(".zshrc", "# z\n");
  const plan = await home.add(["zsh"], { dryRun: true });
  expect([plan.added, existsSync(home.configFile)]).toEqual([["zsh"], false]);
  const added = await home.add(["zsh", "zsh"]);
  const remote = join(home.dataDirectory, "remotes/settings.git");
  expect(added).toMatchObject({
    ...plan,
    source: "settings",
    created: { remote, from: "local" },
    dryRun: false,
  });
  expect((await syncSources(home.deps, { names: [], dryRun: false }, home.context)).runs[0]).toMatchObject({
    outcome: "synced",
    gathered: { added: 1 },
  });
  expect(git(remote, "show", "main:apps/zsh/.zshrc")).toBe("# z");
});

test("add takes the remote that is named for a new source, and refuses it for one that is there", async () => {
  const home = appsHome();
  const remote = "https://example.com/me/settings.git";
  expect(await home.add(["zsh"], { remote, source: "dots" })).toMatchObject({
    source: "dots",
    created: { remote, from: "given" },
  });
  expect(home.config()).toContain(`  dots:\n    settings: {}\n    remote: ${remote}\n    apps: [ zsh ]\n`);
  await expect(home.add(["git"], { remote })).rejects.toMatchObject({ code: "BAD_FLAGS" });
  await expect(home.add(["git"], { source: "other" })).rejects.toMatchObject({ code: "NO_SETTINGS" });
});

test("add keeps comments, says what is there already, and encrypts what was not", async () => {
  const home = appsHome();
  withConfig(home, [
    "  settings:",
    "    settings: {}",
    "    apps:",
    "      - git # words on git",
    "      # words on zsh",
    "      - zsh",
    "  notes: # mine",
    "    repo: ~/notes",
  ]);
  expect(await home.add(["git", "vim"])).toMatchObject({ added: ["vim"], already: ["git"], sealed: [] });
  expect(await home.add(["git", "tmux"], { encrypt: true })).toMatchObject({
    added: ["tmux"],
    already: [],
    sealed: ["git"],
  });
  expect(home.config()).toContain(
    [
      "    apps:",
      "      - { name: git, encrypt: true } # words on git",
      "      # words on zsh",
      "      - zsh",
      "      - vim",
      "      - { name: tmux, encrypt: true }",
      "  notes: # mine",
    ].join("\n"),
  );
});

test("nothing is added when one of the apps is not known, or its name is no settings source's", async () => {
  const home = appsHome();
  withConfig(home, ["  settings:", "    repo: ~/notes"]);
  const before = home.config();
  await expect(home.add(["git", "nonsense-app"])).rejects.toMatchObject({ code: "UNKNOWN_APP" });
  await expect(home.add(["git"])).rejects.toMatchObject({ code: "NAME_TAKEN" });
  expect(home.config()).toBe(before);
});

test("add names the files that wait for a key", async () => {
  const home = appsHome();
  home.write(".aws/config", "x\n");
  home.write(".aws/credentials", "x\n");
  expect((await home.add(["aws"])).noKey).toEqual(["~/.aws/credentials"]);
  expect((await home.add(["aws"], { encrypt: true })).noKey).toEqual(["~/.aws/config", "~/.aws/credentials"]);
});

test("remove takes apps out of the config, also those that no catalogue knows, and leaves the copies", async () => {
  const home = appsHome();
  home.write(".zshrc", "# z\n");
  await home.add(["zsh", "git"]);
  await syncSources(home.deps, { names: [], dryRun: false }, home.context);
  const remove = (apps: readonly string[], dryRun = false): ReturnType<typeof removeApps> =>
    removeApps(home.deps, { apps, source: undefined, dryRun });
  const before = home.config();
  await remove(["zsh"], true);
  expect(home.config()).toBe(before);
  expect(await remove(["zsh"])).toMatchObject({ source: "settings", removed: ["zsh"] });
  expect(home.config()).toContain("apps: [ git ]");
  writeFileSync(home.configFile, home.config().replace("[ git ]", "[ git, gone-app ]"));
  await remove(["gone-app", "git"]);
  expect(home.config()).toContain("apps: []");
  await syncSources(home.deps, { names: [], dryRun: false }, home.context);
  expect(git(join(home.dataDirectory, "remotes/settings.git"), "show", "main:apps/zsh/.zshrc")).toBe("# z");
  await expect(remove(["zsh"])).rejects.toMatchObject({ code: "NO_SUCH_APP" });
});
