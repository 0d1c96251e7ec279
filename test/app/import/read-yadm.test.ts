import { describe, expect, test } from "bun:test";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { encryptedByFilter, readEncryptPatterns, readYadmPath } from "../../../src/app/import/yadm-paths.ts";
import { type ImportMachine, importMachine, namesUnder } from "../../helpers/import-machine.ts";
import { git } from "../../helpers/system-git.ts";

/** A home with yadm's repository, as `yadm init` and `yadm add` leave it. */
function yadmMachine(
  files: Readonly<Record<string, string>>,
  place = ".local/share/yadm/repo.git",
): { readonly machine: ImportMachine; readonly run: (...args: readonly string[]) => string } {
  const machine = importMachine();
  const repository = join(machine.home, place);
  for (const [path, text] of Object.entries(files)) machine.write(path, text);
  mkdirSync(repository, { recursive: true });
  git(machine.home, "init", "-q", "--bare", repository);
  git(repository, "config", "core.bare", "false");
  git(repository, "config", "core.worktree", machine.home);
  const run = (...args: readonly string[]): string =>
    git(machine.home, `--git-dir=${repository}`, `--work-tree=${machine.home}`, ...args);
  if (Object.keys(files).length > 0) {
    run("add", "--", ...Object.keys(files));
    run("commit", "-qm", "first");
  }
  return { machine, run };
}

test("the tracked files become the files of a settings source, its remote is never theirs", async () => {
  const { machine, run } = yadmMachine({ ".bashrc": "", ".config/git/config": "", "bin/tool": "" });
  run("remote", "add", "origin", "https://me:hunter2@example.com/me/dots.git");
  const plan = await machine.take("yadm", { name: "dots" });
  expect(plan.sources).toEqual([
    { name: "dots", entry: { settings: {}, files: ["~/.bashrc", "~/.config/git/config", "~/bin/tool"] } },
  ]);
  expect(plan.found).toEqual([
    "yadm's repository: ~/.local/share/yadm/repo.git (3 files)",
    "its remote: https://example.com/me/dots.git",
  ]);
  expect(JSON.stringify(plan)).not.toContain("hunter2");
  await expect(machine.plan("yadm", { remote: "git@example.com:me/dots.git" })).resolves.toMatchObject({
    sources: [],
  });
  rmSync(machine.configFile);
  await expect(machine.plan("yadm", { remote: "git@example.com:me/dots.git" })).rejects.toMatchObject({
    code: "FOREIGN_REMOTE",
  });
});

test("alternates, templates, scripts and yadm's own are named; what it encrypts is encrypted", async () => {
  const { machine } = yadmMachine({
    ".bashrc##os.Linux": "",
    ".bashrc##default": "",
    ".config/yadm/alt/.vimrc##hostname.box": "",
    ".ssh##class.Work/config": "",
    ".gitconfig##template": "",
    ".profile##t.j2,o.Linux": "",
    ".config/yadm/bootstrap": "",
    ".config/yadm/hooks/post_pull": "",
    ".config/yadm/encrypt": "# keys\n.ssh/*.key\n!.ssh/public.key\n.gnupg/\n../other\n.a{b}\n**\n.netrc\n",
    ".local/share/yadm/archive": "",
    ".gitattributes":
      "*.secret filter=git-crypt diff=git-crypt\n/.vault/** filter=git-crypt\n*.bin filter=lfs\n",
    ".netrc": "",
    ".ssh/config": "",
    ".ssh/mine.key": "",
    "deep/x.secret": "",
    ".vault/a/b": "",
    "y.bin": "",
    "[odd]": "",
  });
  const plan = await machine.take("yadm");
  expect(plan.sources[0]?.entry["files"]).toEqual([
    "~/.gitattributes",
    { path: "~/.gnupg", encrypt: true },
    { path: "~/.netrc", encrypt: true },
    { path: "~/.ssh/*.key", encrypt: true },
    "~/.ssh/config",
    { path: "~/.vault/a/b", encrypt: true },
    { path: "~/deep/x.secret", encrypt: true },
    "~/y.bin",
  ]);
  const named = (start: string): readonly string[] | undefined => namesUnder(plan.leftOut, start)?.toSorted();
  expect(named("alternates:")).toEqual([".bashrc", ".ssh", ".vimrc"]);
  expect(named("templates:")).toEqual([".gitconfig", ".profile"]);
  expect(named("bootstrap and hooks")).toEqual([".config/yadm/bootstrap", ".config/yadm/hooks/post_pull"]);
  expect(named("yadm's own settings")).toEqual([]);
  expect(named("exceptions of yadm's encrypt file")).toEqual([".ssh/public.key"]);
  expect(named("paths that lead out")).toEqual(["../other"]);
  expect(named("patterns that stand for the whole home")).toEqual(["**"]);
  expect(named("names that lull would read")).toEqual([".a{b}", "[odd]"]);
  expect(plan.steps.some(({ text }) => text.includes("lull secret init"))).toBe(true);
});

test("a private key that yadm kept in clear is kept encrypted, and that is said", async () => {
  const { machine } = yadmMachine({
    ".ssh/id_ed25519": "",
    ".ssh/id_ed25519.pub": "",
    ".git-credentials": "",
  });
  const plan = await machine.take("yadm");
  expect(plan.sources[0]?.entry["files"]).toEqual([
    { path: "~/.git-credentials", encrypt: true },
    { path: "~/.ssh/id_ed25519", encrypt: true },
    "~/.ssh/id_ed25519.pub",
  ]);
  expect(namesUnder(plan.steps, "kept encrypted")).toEqual(["~/.git-credentials", "~/.ssh/id_ed25519"]);
});

test.each([[".config/yadm/repo.git"], [".yadm/repo.git"]])("older versions have it at %s", async (place) => {
  const { machine } = yadmMachine({ ".a": "" }, place);
  expect((await machine.plan("yadm")).sources[0]?.entry["files"]).toEqual(["~/.a"]);
});

test("a repository without a commit gives nothing, a submodule is named, a broken one is an error", async () => {
  const { machine, run } = yadmMachine({});
  expect((await machine.take("yadm")).sources).toEqual([]);
  machine.write(".a", "");
  run("add", ".a");
  run("update-index", "--add", "--cacheinfo", `160000,${"1".repeat(40)},.vim/plugin`);
  run("commit", "-qm", "x");
  const plan = await machine.plan("yadm");
  expect(plan.sources[0]?.entry["files"]).toEqual(["~/.a"]);
  expect(namesUnder(plan.leftOut, "repositories inside")).toEqual([".vim/plugin"]);
  const repository = join(machine.home, ".local/share/yadm/repo.git");
  writeFileSync(join(repository, "refs/heads/main"), `${"2".repeat(40)}\n`);
  await expect(machine.plan("yadm")).rejects.toMatchObject({ code: "OBJECT_MISSING" });
  rmSync(join(repository, "HEAD"));
  await expect(machine.plan("yadm")).rejects.toMatchObject({ code: "NOT_A_REPOSITORY" });
  rmSync(repository, { recursive: true });
  await expect(machine.plan("yadm")).rejects.toMatchObject({ code: "NOTHING_TO_IMPORT" });
});

test("hostile names in the repository are left out, and nothing outside the home is ever named as a file", async () => {
  const { machine, run } = yadmMachine({ ".ok": "" });
  const blob = run("hash-object", "-w", join(machine.home, ".ok"));
  for (const path of ["a\nb", "b: c # d", "tab\there", "\u202egnp.exe"]) {
    run("-c", "core.quotePath=false", "update-index", "--add", "--cacheinfo", `100644,${blob},${path}`);
  }
  run("commit", "-qm", "x");
  const plan = await machine.take("yadm");
  expect(plan.sources[0]?.entry["files"]).toEqual(["~/.ok", "~/b: c # d"]);
  expect(namesUnder(plan.leftOut, "names with control characters")).toHaveLength(3);
});

describe("a path of yadm's is", () => {
  const CASES: readonly (readonly [string, unknown])[] = [
    [".bashrc", { kind: "file" }],
    [".bashrc##default", { kind: "alternate", target: ".bashrc" }],
    ["a/b##os.Linux,hostname.h/c", { kind: "alternate", target: "a/b" }],
    ["x##template.esh", { kind: "template", target: "x" }],
    ["x##yadm.j2", { kind: "template", target: "x" }],
    ["x##e.sh,t", { kind: "template", target: "x" }],
    [".config/yadm/alt/.x##h.a", { kind: "alternate", target: ".x" }],
    [".config/yadm/config", { kind: "own" }],
    [".yadm/files.gpg", { kind: "own" }],
    [".config/yadm/bootstrap##os.Linux", { kind: "script" }],
    [".config/yadmin/x", { kind: "file" }],
  ];
  for (const [path, expected] of CASES) {
    test(path, () => expect(readYadmPath(path)).toEqual(expected as never));
  }
});

test("patterns are lines without comments, and filters that encrypt are told from others", () => {
  expect(readEncryptPatterns("# c\n\n a b/* \n!x\n.dir/\n")).toEqual({
    patterns: ["a b/*", ".dir"],
    exceptions: ["x"],
  });
  expect(
    encryptedByFilter(
      "*.k filter=git-crypt\n/a/b filter=crypt\nc/d filter=git-crypt\n#e filter=git-crypt\n*.f filter=lfs\n",
    ),
  ).toEqual(["**/*.k", "a/b", "c/d"]);
});
