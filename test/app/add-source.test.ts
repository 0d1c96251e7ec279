import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { addSource, type AddSourceInput } from "../../src/app/add-source.ts";
import { setConfigValue, showConfig } from "../../src/app/config-file.ts";
import { initLull } from "../../src/app/init-lull.ts";
import { listSources } from "../../src/app/list-sources.ts";
import { removeSource } from "../../src/app/remove-source.ts";
import { composed, type Composed } from "../helpers/composed.ts";
import { git } from "../helpers/system-git.ts";

function input(path: string, more: Partial<AddSourceInput> = {}) {
  return { path, name: undefined, remote: undefined, schedule: undefined, dryRun: false, ...more };
}

function notes(place: Composed, name = "notes"): string {
  const directory = join(place.home, name);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "a.md"), "a\n");
  return directory;
}

test("a plain folder becomes a repository with a remote that lull makes, and its files stay as they are", async () => {
  const place = composed();
  const directory = notes(place);
  const added = await addSource(place.deps, input("notes"), place.context);
  expect(added).toMatchObject({
    name: "notes",
    directory,
    repository: "created",
    branch: "main",
    remote: { url: join(place.dataDirectory, "remotes", "notes.git"), from: "local" },
    configCreated: true,
  });
  expect(git(directory, "status", "--porcelain")).toBe("?? a.md");
  expect(git(directory, "remote", "get-url", "origin")).toBe(added.remote.url);
  expect(git(added.remote.url, "rev-parse", "--is-bare-repository")).toBe("true");
  expect(readFileSync(place.configFile, "utf8")).toContain("repo: ~/notes");
});

test("an existing repository brings its own branch and remote, without the password in its URL", async () => {
  const place = composed();
  const directory = notes(place);
  git(directory, "init", "-q", "-b", "trunk");
  git(directory, "remote", "add", "origin", "https://ada:hunter2@example.com/notes.git");
  const added = await addSource(place.deps, input("notes"), place.context);
  expect(added).toMatchObject({
    repository: "existing",
    branch: "trunk",
    remote: { url: "https://example.com/notes.git", from: "found" },
  });
  expect(readFileSync(place.configFile, "utf8")).not.toContain("hunter2");
});

test.each([
  [["main"], "main"],
  [["trunk"], "trunk"],
  [["one", "master", "two"], "master"],
  [["one", "two"], "never-made"],
])("of a remote whose HEAD names no branch that it has, but %p, it is %s", async (branches, expected) => {
  const place = composed();
  const remote = join(place.outside, "remote.git");
  git(place.outside, "init", "-q", "--bare", "-b", "never-made", remote);
  const tree = git(remote, "hash-object", "-t", "tree", "-w", "/dev/null");
  const who = ["-c", "user.name=x", "-c", "user.email=x@y"];
  const commit = git(remote, ...who, "commit-tree", "-m", "x", tree);
  for (const branch of branches) git(remote, "update-ref", `refs/heads/${branch}`, commit);
  const added = await addSource(place.deps, input("fresh", { remote }), place.context);
  expect(added.branch).toBe(expected);
});

test("a new folder starts on the branch that the remote has", async () => {
  const place = composed();
  const remote = join(place.outside, "remote.git");
  git(place.outside, "init", "-q", "--bare", "-b", "trunk", remote);
  const added = await addSource(place.deps, input("fresh", { remote }), place.context);
  expect(added).toMatchObject({
    branch: "trunk",
    repository: "created",
    remote: { url: remote, from: "given" },
  });
  expect(existsSync(join(place.home, "fresh", ".git"))).toBe(true);
});

test("a relative remote is stored absolute, because the config is read from anywhere", async () => {
  const place = composed();
  notes(place);
  git(place.home, "init", "-q", "--bare", "hub.git");
  await addSource(place.deps, input("notes", { remote: "./hub.git" }), place.context);
  expect((await listSources(place.deps)).sources[0]?.remotes).toEqual(["~/hub.git"]);
});

test("names come from the folder, are made unique, and can be given", async () => {
  const place = composed();
  notes(place, "a/.my notes");
  notes(place, "b/my-notes");
  notes(place, "c");
  await addSource(place.deps, input("a/.my notes"), place.context);
  await addSource(place.deps, input("b/my-notes"), place.context);
  await addSource(place.deps, input("c", { name: "third", schedule: "every 2h" }), place.context);
  expect((await listSources(place.deps)).sources.map((source) => source.name)).toEqual([
    "my-notes",
    "my-notes-2",
    "third",
  ]);
  expect((await listSources(place.deps)).sources[2]?.schedules).toEqual(["every 2h"]);
  notes(place, "d");
  await expect(addSource(place.deps, input("d", { name: "third" }), place.context)).rejects.toThrow(
    /already a source/,
  );
});

test("a folder is taken in once; a missing one, a file and a bare repository are refused", async () => {
  const place = composed();
  notes(place);
  await addSource(place.deps, input("notes"), place.context);
  await expect(addSource(place.deps, input("notes"), place.context)).rejects.toThrow(
    /already the source "notes"/,
  );
  await expect(addSource(place.deps, input("nowhere"), place.context)).rejects.toThrow(/does not exist/);
  await expect(addSource(place.deps, input("notes/a.md"), place.context)).rejects.toThrow(
    /can not be a source|already/,
  );
  git(place.home, "init", "-q", "--bare", "bare.git");
  await expect(addSource(place.deps, input("bare.git"), place.context)).rejects.toThrow(/bare repository/);
});

test("a dry run writes neither config nor repository", async () => {
  const place = composed();
  const directory = notes(place);
  const added = await addSource(place.deps, { ...input("notes"), dryRun: true }, place.context);
  expect(added).toMatchObject({ dryRun: true, repository: "created" });
  expect(existsSync(place.configFile)).toBe(false);
  expect(existsSync(join(directory, ".git"))).toBe(false);
});

test("a source that is removed and added again finds the remote that lull made before", async () => {
  const place = composed();
  const directory = notes(place);
  const first = await addSource(place.deps, input("notes"), place.context);
  expect(await removeSource(place.deps, { name: "notes", dryRun: true })).toMatchObject({ dryRun: true });
  expect((await listSources(place.deps)).sources).toHaveLength(1);
  expect(await removeSource(place.deps, { name: "notes", dryRun: false })).toMatchObject({
    name: "notes",
    directory,
  });
  expect((await listSources(place.deps)).sources).toEqual([]);
  const again = await addSource(place.deps, input("notes"), place.context);
  expect(again.remote.url).toBe(first.remote.url);
  await expect(removeSource(place.deps, { name: "note", dryRun: false })).rejects.toThrow(/no source named/);
});

test("init writes the config once and keeps one that is there", async () => {
  const place = composed();
  const first = await initLull(
    place.deps,
    { device: "desk", source: undefined, dryRun: false },
    place.context,
  );
  expect(first).toMatchObject({ created: true, device: "desk", source: undefined });
  const text = readFileSync(place.configFile, "utf8");
  notes(place);
  const second = await initLull(
    place.deps,
    {
      device: "other",
      source: { path: "notes", name: undefined, remote: undefined, schedule: undefined },
      dryRun: false,
    },
    place.context,
  );
  expect(second).toMatchObject({ created: false, device: "desk", source: { name: "notes" } });
  expect(readFileSync(place.configFile, "utf8")).toContain(text.split("sources:")[0] ?? "");
});

test("init of a folder that can not be taken in leaves no config behind, and keeps the device name otherwise", async () => {
  const place = composed();
  const source = { path: "gone", name: undefined, remote: undefined, schedule: undefined };
  await expect(
    initLull(place.deps, { device: "study", source, dryRun: false }, place.context),
  ).rejects.toThrow(/does not exist/);
  expect(place.deps.config.exists()).toBe(false);
  mkdirSync(join(place.home, "gone"));
  const made = await initLull(place.deps, { device: "study", source, dryRun: false }, place.context);
  expect(made).toMatchObject({ created: true, device: "study", source: { configCreated: true } });
  expect((await place.deps.config.load()).config.device).toBe("study");
});

test("a password in the URL is warned about once, and no report of the config shows it", async () => {
  const place = composed();
  mkdirSync(join(place.home, "notes"));
  git(join(place.home, "notes"), "init", "-q");
  const input = { path: "notes", name: undefined, schedule: undefined, dryRun: false };
  const added = await addSource(
    place.deps,
    { ...input, remote: "https://ada:canary@h.example/n.git" },
    place.context,
  );
  expect(added.warnings).toHaveLength(1);
  mkdirSync(join(place.home, "other"));
  const other = await addSource(place.deps, { ...input, path: "other", remote: undefined }, place.context);
  expect(other).toMatchObject({ warnings: [], configCreated: false });
  const change = {
    path: "sources.notes.remote",
    value: "https://ada:canary@h.example/m.git",
    dryRun: true,
  };
  const shown = JSON.stringify([
    added,
    await showConfig(place.deps),
    await setConfigValue(place.deps, change),
  ]);
  expect(shown).not.toContain("canary");
  expect(shown).toContain("https://***@h.example/n.git");
  expect((await place.deps.config.load()).config.sources[0]?.remotes[0]?.url).toContain("canary");
});

test("a mistake in name or schedule is told before anything is made", async () => {
  const place = composed();
  mkdirSync(join(place.home, "notes"));
  const input = { path: "notes", name: undefined, remote: undefined, schedule: undefined, dryRun: false };
  for (const mistake of [{ name: "a b" }, { schedule: "evry" }]) {
    const refused = addSource(place.deps, { ...input, ...mistake }, place.context);
    await expect(refused).rejects.toMatchObject({ kind: "usage", code: "BAD_SOURCE" });
  }
  expect(existsSync(join(place.home, "notes", ".git"))).toBe(false);
  expect(existsSync(join(place.dataDirectory, "remotes"))).toBe(false);
  expect(place.deps.config.exists()).toBe(false);
});

test("a home folder, or what lies above it, is no source unless it is a repository already", async () => {
  const place = composed();
  const input = { name: "all", remote: undefined, schedule: undefined, dryRun: false };
  for (const path of ["~", "/", place.dataDirectory]) {
    if (path === place.dataDirectory) mkdirSync(path, { recursive: true });
    await expect(addSource(place.deps, { ...input, path }, place.context)).rejects.toMatchObject({
      code: "FOLDER_TOO_WIDE",
    });
  }
  expect(existsSync(join(place.home, ".git"))).toBe(false);
  git(place.home, "init", "-q");
  const added = await addSource(place.deps, { ...input, path: "~" }, place.context);
  expect(added.repository).toBe("existing");
});

test("a folder's name becomes a plain name for the source", async () => {
  const place = composed();
  const input = { name: undefined, remote: undefined, schedule: undefined, dryRun: true };
  const nameOf = async (folder: string): Promise<string> => {
    mkdirSync(join(place.home, folder));
    return (await addSource(place.deps, { ...input, path: folder }, place.context)).name;
  };
  expect(await nameOf("Notizen für Ute")).toBe("Notizen-fur-Ute");
  expect(await nameOf("日本語")).toBe("source");
  expect(await nameOf("x".repeat(200))).toBe("x".repeat(60));
});
