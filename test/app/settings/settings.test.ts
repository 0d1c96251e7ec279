/** Homes of several devices, one repository: gathered, adopted, restored, and nothing lost on the way. */
import { expect, spyOn, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { diffSources } from "../../../src/app/diff-source.ts";
import { getStatus } from "../../../src/app/get-status.ts";
import { bulkChoice } from "../../../src/app/settings/adopt-settings.ts";
import * as restorePlan from "../../../src/settings/restore-plan.ts";
import { lull } from "../../cli/fake-io.ts";
import { benchRemote } from "../../helpers/sync-bench.ts";
import { settingsHome, type SettingsHome } from "../../helpers/settings-home.ts";
import { fsck, git } from "../../helpers/system-git.ts";
import { treeSnapshot } from "../../helpers/tree-snapshot.ts";

const FILES = ["~/.zshrc", "~/.config/foo/", "~/.ssh/config"];

function pair(
  mode: "backup" | "two-way",
  more: readonly string[] = [],
): { remote: string; a: SettingsHome; b: SettingsHome } {
  const remote = benchRemote();
  const home = (device: string): SettingsHome => settingsHome({ device, remote, files: FILES, mode, more });
  return { remote, a: home("laptop"), b: home("desktop") };
}

function fill(home: SettingsHome, tag: string): void {
  home.write(".zshrc", `zsh of ${tag}\n`);
  home.write(".config/foo/a.toml", "the same\n");
  home.write(`.config/foo/${tag}`, `${tag}\n`);
  home.write(".config/foo/run", "#!/bin/sh\n", 0o755);
  home.write(".config/foo/.gitignore", "*\n");
  home.write(".config/foo/.gitattributes", "* text eol=crlf filter=lfs\n");
  home.write(".ssh/config", "Host *\n", 0o600);
  chmodSync(join(home.home, ".ssh"), 0o700);
}

test("a home is gathered into a private repository that git understands, byte by byte", async () => {
  const { remote, a } = pair("backup");
  fill(a, "laptop");
  a.write(".config/foo/crlf", "a\r\nb\r\n");
  a.write(".gitconfig", "[core]\n\tautocrlf = true\n\texcludesFile = ~/.ignore\n");
  a.write(".ignore", "*.toml\n");
  a.link(".config/foo/link", "a.toml");
  expect(await a.sync(true)).toMatchObject({ outcome: "synced", committed: { files: 9 } });
  expect(existsSync(a.managed)).toBe(false);
  expect(await a.sync()).toMatchObject({ outcome: "synced", gathered: { added: 9, updated: 0, removed: 0 } });
  expect(statSync(a.managed).mode & 0o777).toBe(0o700);
  expect(git(remote, "show", "main:home/.config/foo/crlf")).toBe("a\r\nb");
  expect(git(remote, "ls-tree", "-r", "--name-only", "main").split("\n")).toEqual([
    ".lull/modes",
    "home/.config/foo/.gitattributes.kept",
    "home/.config/foo/.gitignore.kept",
    "home/.config/foo/a.toml",
    "home/.config/foo/crlf",
    "home/.config/foo/laptop",
    "home/.config/foo/link",
    "home/.config/foo/run",
    "home/.ssh/config",
    "home/.zshrc",
  ]);
  expect(git(a.managed, "status", "--porcelain")).toBe("");
  fsck(a.managed);
  expect(await a.sync()).toMatchObject({
    outcome: "up-to-date",
    gathered: { added: 0, updated: 0, removed: 0 },
  });
  a.write(".zshrc", "new\n");
  expect(await a.sync(true)).toMatchObject({ outcome: "synced", committed: { files: 1 } });
  a.remove(".config/foo/laptop");
  expect(await a.sync()).toMatchObject({ gathered: { added: 0, updated: 1, removed: 1 } });
});

test("backup: two machines do not overwrite each other in turn, and nothing goes to the home by itself", async () => {
  const { remote, a, b } = pair("backup");
  fill(a, "laptop");
  fill(b, "desktop");
  await a.sync();
  const before = treeSnapshot(b.home);
  const first = await b.sync();
  expect(first).toMatchObject({ outcome: "synced", gathered: { added: 1 } });
  expect(first.skippedPaths).toEqual([
    { path: "~/.zshrc", reason: "another device's copy differs; `lull adopt` shows both and decides" },
  ]);
  expect(await b.sync()).toMatchObject({ outcome: "up-to-date" });
  expect(await a.sync()).toMatchObject({ outcome: "synced", gathered: { updated: 0, added: 0, removed: 0 } });
  expect(await a.sync()).toMatchObject({ outcome: "up-to-date" });
  expect(git(remote, "show", "main:home/.zshrc")).toBe("zsh of laptop");
  const { [".local"]: _, ...after } = Object.fromEntries(
    Object.entries(treeSnapshot(b.home)).filter(([path]) => !path.startsWith(".local")),
  );
  expect(after).toEqual(before);
});

test("adopt shows four groups, takes what is chosen, and an undo brings back what stood there", async () => {
  const { remote, a, b } = pair("backup");
  fill(a, "laptop");
  fill(b, "desktop");
  b.write(".config/foo/a.toml", "other\n");
  await a.sync();
  const shown = await b.adopt(() => undefined, true);
  const paths = (files: readonly { readonly path: string }[]): readonly string[] =>
    files.map(({ path }) => path);
  expect(paths(shown.same)).toEqual([
    "~/.config/foo/.gitattributes",
    "~/.config/foo/.gitignore",
    "~/.config/foo/run",
    "~/.ssh/config",
  ]);
  expect(paths(shown.onlyHere)).toEqual(["~/.config/foo/desktop"]);
  expect(paths(shown.onlyThere)).toEqual(["~/.config/foo/laptop"]);
  expect(paths(shown.different)).toEqual(["~/.config/foo/a.toml", "~/.zshrc"]);
  expect(b.read(".zshrc")).toBe("zsh of desktop\n");
  const decide = bulkChoice(b.deps, { choice: "remote", except: ["~/.zshrc"] });
  const done = await b.adopt(decide);
  expect(done).toMatchObject({
    taken: ["~/.config/foo/a.toml", "~/.config/foo/laptop"],
    kept: ["~/.zshrc"],
    left: [],
  });
  expect([b.read(".config/foo/a.toml"), b.read(".config/foo/laptop")]).toEqual(["the same\n", "laptop\n"]);
  expect(await b.sync()).toMatchObject({ gathered: { added: 1, updated: 1, removed: 0 }, skippedPaths: [] });
  expect(git(remote, "show", "main:home/.zshrc")).toBe("zsh of desktop");
  const undone = await b.undo();
  expect(undone.files).toEqual([
    { path: "~/.config/foo/a.toml", change: "changed" },
    { path: "~/.config/foo/laptop", change: "removed" },
  ]);
  expect([b.read(".config/foo/a.toml"), b.has(".config/foo/laptop")]).toEqual(["other\n", false]);
  // An undo is taken back like everything else.
  await b.undo();
  expect(b.read(".config/foo/a.toml")).toBe("the same\n");
});

test("restore brings back files, permissions, links and folders; what is replaced is kept", async () => {
  const { a } = pair("backup");
  fill(a, "laptop");
  a.link(".config/foo/link", "a.toml");
  await a.sync();
  const wanted = treeSnapshot(join(a.home, ".config/foo"));
  const changedAt = statSync(join(a.home, ".config/foo/run")).mtimeMs;
  a.remove(".config/foo");
  a.write(".zshrc", "broken\n");
  chmodSync(join(a.home, ".ssh/config"), 0o644);
  const plan = await a.restore([], { dryRun: true });
  expect(plan.files).toHaveLength(8);
  expect([plan.savepoint, a.has(".config/foo")]).toEqual([undefined, false]);
  const done = await a.restore();
  expect(done.files).toEqual(plan.files);
  expect(treeSnapshot(join(a.home, ".config/foo"))).toEqual(wanted);
  expect(readlinkSync(join(a.home, ".config/foo/link"))).toBe("a.toml");
  expect(statSync(join(a.home, ".config/foo/run")).mtimeMs).toBeCloseTo(changedAt, 2);
  expect([a.read(".zshrc"), a.mode(".ssh/config")]).toEqual(["zsh of laptop\n", 0o600]);
  expect(git(a.managed, "show", `refs/lull/savepoints/${done.savepoint}:home/.zshrc`)).toBe("broken");
  await a.undo();
  expect([a.read(".zshrc"), a.mode(".ssh/config"), a.has(".config/foo/run")]).toEqual([
    "broken\n",
    0o644,
    false,
  ]);
  fsck(a.managed);
});

test("restore by app, by path, by time; an older version counts as an edit of this machine", async () => {
  const { remote, a } = pair("backup");
  fill(a, "laptop");
  await a.sync();
  const first = git(remote, "rev-parse", "main");
  a.write(".zshrc", "second\n");
  a.write(".config/foo/a.toml", "second\n");
  await a.sync();
  const done = await a.restore(["~/.zshrc"], { at: first });
  expect(done.files).toEqual([{ path: "~/.zshrc", change: "changed" }]);
  expect([a.read(".zshrc"), a.read(".config/foo/a.toml")]).toEqual(["zsh of laptop\n", "second\n"]);
  expect(await a.sync()).toMatchObject({ gathered: { updated: 1 } });
  expect(git(remote, "show", "main:home/.zshrc")).toBe("zsh of laptop");
  await expect(a.restore(["nonsense"])).rejects.toThrow('"settings" holds nothing of nonsense');
});

test("a file that was edited since it was restored is not taken back by an undo", async () => {
  const { a } = pair("backup");
  fill(a, "laptop");
  await a.sync();
  a.write(".zshrc", "old\n");
  a.write(".config/foo/a.toml", "old\n");
  await a.restore();
  a.write(".zshrc", "edited\n");
  const undone = await a.undo();
  expect(undone).toMatchObject({
    files: [{ path: "~/.config/foo/a.toml", change: "changed" }],
    left: ["~/.zshrc"],
  });
  expect([a.read(".zshrc"), a.read(".config/foo/a.toml")]).toEqual(["edited\n", "old\n"]);
});

test("a broken git config of the person's does not keep it from being restored", async () => {
  const remote = benchRemote();
  const a = settingsHome({ device: "laptop", remote, files: ["~/.gitconfig"] });
  a.write(".gitconfig", "[user]\n\tname = Ada\n");
  await a.sync();
  a.write(".gitconfig", "[broken\n");
  await a.restore();
  expect(a.read(".gitconfig")).toContain("Ada");
});

test("two-way: edits, new files, permissions and deletions go both ways", async () => {
  const { a, b } = pair("two-way");
  fill(a, "laptop");
  await a.sync();
  expect(await b.sync()).toMatchObject({ outcome: "synced", broughtHome: { written: 7, removed: 0 } });
  expect([b.read(".zshrc"), b.mode(".ssh/config"), b.mode(".ssh")]).toEqual([
    "zsh of laptop\n",
    0o600,
    0o700,
  ]);
  expect(await b.sync()).toMatchObject({ outcome: "up-to-date" });
  b.write(".zshrc", "edited on the desktop\n");
  b.write(".config/foo/new", "new\n", 0o640);
  b.remove(".config/foo/a.toml");
  chmodSync(join(b.home, ".config/foo/run"), 0o700);
  await b.sync();
  expect(await a.sync()).toMatchObject({ broughtHome: { written: 3, removed: 1 } });
  expect([a.read(".zshrc"), a.mode(".config/foo/new"), a.mode(".config/foo/run")]).toEqual([
    "edited on the desktop\n",
    0o640,
    0o700,
  ]);
  expect(a.has(".config/foo/a.toml")).toBe(false);
  for (const home of [a, b, a]) expect(await home.sync()).toMatchObject({ outcome: "up-to-date" });
  expect(treeSnapshot(join(a.home, ".config/foo"))).toEqual(treeSnapshot(join(b.home, ".config/foo")));
  // What came by a sync is taken back like a restore.
  const undone = await a.undo();
  expect(undone.files).toHaveLength(4);
  expect(a.read(".config/foo/a.toml")).toBe("the same\n");
});

test("two-way: both edited the same file: both versions are in both homes", async () => {
  const { a, b } = pair("two-way");
  fill(a, "laptop");
  await a.sync();
  await b.sync();
  a.write(".zshrc", "by the laptop\n");
  b.write(".zshrc", "by the desktop\n");
  await a.sync();
  expect(await b.sync()).toMatchObject({ outcome: "conflict" });
  await a.sync();
  for (const home of [a, b]) {
    expect(home.read(".zshrc")).toBe("by the laptop\n");
  }
  const [copy = ""] = Object.keys(treeSnapshot(join(b.managed, "home"))).filter((name) =>
    name.includes("conflict"),
  );
  expect(git(b.managed, "show", `HEAD:home/${copy}`)).toBe("by the desktop");
});

test("two-way without sync_deletions: what was removed elsewhere stays, and what was removed here stays away", async () => {
  const { a, b } = pair("two-way", ["sync_deletions: false"]);
  fill(a, "laptop");
  await a.sync();
  await b.sync();
  b.remove(".config/foo/a.toml");
  await b.sync();
  expect(b.has(".config/foo/a.toml")).toBe(false);
  await a.sync();
  expect(a.has(".config/foo/a.toml")).toBe(true);
});

test("two-way: an edit while the sync runs is not overwritten", async () => {
  const { a, b } = pair("two-way");
  fill(a, "laptop");
  await a.sync();
  await b.sync();
  a.write(".zshrc", "by the laptop\n");
  await a.sync();
  const { deps, context } = b;
  const onEvent = (event: { readonly kind: string; readonly step?: string }): void => {
    if (event.kind === "step" && event.step === "fetch") b.write(".zshrc", "in this very moment\n");
  };
  const { syncSources } = await import("../../../src/app/sync-sources.ts");
  await syncSources(deps, { names: [], dryRun: false }, { ...context, onEvent });
  expect(b.read(".zshrc")).toBe("in this very moment\n");
  const next = await b.sync();
  expect(next.warnings?.map(({ path }) => path)).toEqual(["home/.zshrc"]);
  // As in every conflict: the remote's version has the name, this device's is beside it.
  expect(b.read(".zshrc")).toBe("by the laptop\n");
  const [copy = ""] = git(b.managed, "ls-files")
    .split("\n")
    .filter((name) => name.includes(".conflict-desktop-"));
  expect(git(b.managed, "show", `HEAD:${copy}`)).toBe("in this very moment");
  for (const home of [a, b, a, b]) await home.sync();
  expect([a.read(".zshrc"), b.read(".zshrc")]).toEqual(["by the laptop\n", "by the laptop\n"]);
  await b.undo();
  expect(b.read(".zshrc")).toBe("in this very moment\n");
});

test("nothing is written through a link that leads out of the home", async () => {
  const { a, b } = pair("two-way");
  fill(a, "laptop");
  await a.sync();
  const elsewhere = join(b.outside, "elsewhere");
  mkdirSync(elsewhere);
  mkdirSync(join(b.home, ".config"), { recursive: true });
  symlinkSync(elsewhere, join(b.home, ".config/foo"));
  const run = await b.sync();
  expect(run.warnings?.some(({ reason }) => reason.includes("is not in your home"))).toBe(true);
  expect(treeSnapshot(elsewhere)).toEqual({});
  const done = await b.restore();
  expect(done.refused?.length).toBeGreaterThan(0);
  expect(treeSnapshot(elsewhere)).toEqual({});
});

test("a hostile repository can not reach outside the home", async () => {
  const remote = benchRemote();
  const a = settingsHome({ device: "laptop", remote, files: ["~/.foo/"], mode: "two-way" });
  const clone = join(a.outside, "clone");
  git(a.outside, "clone", "-q", remote, clone);
  mkdirSync(join(clone, "home/.foo"), { recursive: true });
  mkdirSync(join(clone, "root/tmp/lull-hostile"), { recursive: true });
  writeFileSync(join(clone, "root/tmp/lull-hostile/x"), "x\n");
  symlinkSync(a.outside, join(clone, "home/.foo/link"));
  writeFileSync(join(clone, "home/.evil"), "not asked for\n");
  git(clone, "add", "-A");
  git(clone, "-c", "user.name=E", "-c", "user.email=e@e", "commit", "-qm", "hostile");
  git(clone, "push", "-q", "origin", "HEAD:main");
  await a.sync();
  expect(lstatSync(join(a.home, ".foo/link")).isSymbolicLink()).toBe(true);
  expect(a.has(".evil")).toBe(false);
  const restored = await a.restore();
  expect(restored.refused).toEqual([
    {
      path: "/tmp/lull-hostile/x",
      reason: "it does not belong into the home; --outside-home restores it, too",
    },
  ]);
  expect(existsSync("/tmp/lull-hostile")).toBe(false);
});

test("what lull itself keeps is never gathered", async () => {
  const remote = benchRemote();
  const a = settingsHome({ device: "laptop", remote, files: ["~/.local/", "~/.config/"] });
  a.write(".local/share/tool/settings", "x\n");
  await a.sync();
  await a.sync();
  const names = git(remote, "ls-tree", "-r", "--name-only", "main");
  expect(names).toContain("home/.local/share/tool/settings");
  expect(names).not.toContain("share/lull");
});

test("variants: each device keeps its own version, others share one; restore takes the most special", async () => {
  const remote = benchRemote();
  const home = (device: string, more: readonly string[]): SettingsHome =>
    settingsHome({ device, remote, files: FILES, mode: "two-way", more });
  const own = ['variants: { device: ["~/.zshrc"], os: ["~/.ssh/"] }'];
  const [a, b, plain] = [home("laptop", own), home("desktop", own), home("server", [])];
  fill(a, "laptop");
  fill(b, "desktop");
  await a.sync();
  await b.sync();
  await a.sync();
  expect([a.read(".zshrc"), b.read(".zshrc")]).toEqual(["zsh of laptop\n", "zsh of desktop\n"]);
  const names = git(remote, "ls-tree", "-r", "--name-only", "main").split("\n");
  expect(names).toContain("devices/laptop/home/.zshrc");
  expect(names).toContain("devices/desktop/home/.zshrc");
  expect(names).toContain("os/linux/home/.ssh/config");
  expect(names).not.toContain("home/.zshrc");
  expect(git(remote, "show", "main:.lull/modes")).toContain("0600 os/linux/home/.ssh/config");
  a.remove(".zshrc");
  a.write(".ssh/config", "broken\n", 0o600);
  await a.restore();
  expect([a.read(".zshrc"), a.read(".ssh/config"), a.mode(".ssh/config")]).toEqual([
    "zsh of laptop\n",
    "Host *\n",
    0o600,
  ]);
  b.write(".zshrc", "edited\n");
  await b.sync();
  expect(await a.sync()).toMatchObject({ outcome: "synced" });
  expect(a.read(".zshrc")).toBe("zsh of laptop\n");
  // A third one has none of its own, and no version for all.
  await plain.sync();
  expect([plain.has(".zshrc"), plain.read(".ssh/config")]).toEqual([false, "Host *\n"]);
  for (const each of [a, b, plain]) await each.sync();
  for (const each of [a, b, plain]) expect(await each.sync()).toMatchObject({ outcome: "up-to-date" });
});

test("two machines whose files have other permissions do not correct each other for ever", async () => {
  for (const mode of ["backup", "two-way"] as const) {
    const { a, b } = pair(mode);
    for (const home of [a, b]) fill(home, "both");
    for (const home of [a, b]) home.write(".zshrc", "the same\n");
    a.write(".config/foo/a.toml", "the same\n", 0o600);
    b.write(".config/foo/run", "#!/bin/sh\n", 0o644);
    chmodSync(join(b.home, ".config/foo"), 0o700);
    for (const home of [a, b, a, b]) await home.sync();
    for (const home of [a, b]) expect(await home.sync()).toMatchObject({ outcome: "up-to-date" });
  }
});

test("two-way: a source that is in step is not compared file by file; what is named later comes all the same", async () => {
  const { a, b } = pair("two-way");
  fill(a, "laptop");
  a.write(".later/x", "x\n");
  const config = (home: SettingsHome): string => readFileSync(home.configFile, "utf8");
  const also = (home: SettingsHome): void =>
    writeFileSync(home.configFile, config(home).replace('"~/.zshrc"', '"~/.zshrc","~/.later/"'));
  also(a);
  await a.sync();
  await b.sync();
  expect(b.has(".later/x")).toBe(false);
  using compared = spyOn(restorePlan, "planRestore");
  for (const home of [a, b, a, b]) expect(await home.sync()).toMatchObject({ outcome: "up-to-date" });
  b.write(".zshrc", "own edit\n");
  await b.sync();
  expect(await b.sync()).toMatchObject({ outcome: "up-to-date" });
  expect(compared).not.toHaveBeenCalled();
  also(b);
  expect(await b.sync()).toMatchObject({ broughtHome: { written: 1, removed: 0 } });
  expect(compared).toHaveBeenCalled();
  expect(b.read(".later/x")).toBe("x\n");
});

test("status counts what the next sync would gather, and writes nothing", async () => {
  const { a } = pair("backup");
  fill(a, "laptop");
  const before = await getStatus(a.deps, { names: [] }, a.context);
  expect(before.sources[0]).toMatchObject({ kind: "settings", problem: undefined });
  await a.sync();
  const status = async () => (await getStatus(a.deps, { names: [] }, a.context)).sources[0];
  expect(await status()).toMatchObject({ uncommitted: 0, hasWork: false, ahead: 0, behind: 0 });
  a.write(".zshrc", "edited\n");
  a.write(".config/foo/new", "new\n");
  a.remove(".config/foo/a.toml");
  const managed = treeSnapshot(a.managed);
  expect(await status()).toMatchObject({ uncommitted: 3, hasWork: true });
  expect(treeSnapshot(a.managed)).toEqual(managed);
});

test("diff shows what the next sync would gather, and nothing of what is encrypted", async () => {
  const { a } = pair("backup");
  fill(a, "laptop");
  await a.sync();
  a.write(".zshrc", "edited\n");
  a.write(".config/foo/new", "new\n");
  a.remove(".config/foo/a.toml");
  const [diff] = await diffSources(a.deps, { names: [] }, a.context);
  expect(diff?.entries).toEqual([
    {
      path: "~/.zshrc",
      change: "modified",
      where: "home",
      patch: ["@@ -1 +1 @@", "-zsh of laptop", "+edited"],
    },
    { path: "~/.config/foo/new", change: "added", where: "home", patch: ["@@ -0,0 +1 @@", "+new"] },
    { path: "~/.config/foo/a.toml", change: "deleted", where: "home", patch: ["@@ -1 +0,0 @@", "-the same"] },
  ]);
});

test("two-way: what is resolved goes to both homes", async () => {
  const { a, b } = pair("two-way");
  fill(a, "laptop");
  for (const home of [a, b, a]) await home.sync();
  a.write(".zshrc", "by the laptop\n");
  b.write(".zshrc", "by the desktop\n");
  await a.sync();
  expect(await b.sync()).toMatchObject({ outcome: "conflict" });
  expect(b.read(".zshrc")).toBe("by the laptop\n");
  const at = { env: b.env, cwd: b.home };
  expect((await lull(["conflicts"], at)).stdout).toContain("home/.zshrc in settings");
  expect((await lull(["resolve", "home/.zshrc", "--keep", "local"], at)).code).toBe(0);
  for (const home of [b, a, b]) await home.sync();
  expect([a.read(".zshrc"), b.read(".zshrc")]).toEqual(["by the desktop\n", "by the desktop\n"]);
  for (const home of [a, b]) expect(await home.sync()).toMatchObject({ outcome: "up-to-date" });
});
