/** From the home into the managed repository: what is copied, what stays, and what nobody may lose. */
import { expect, test } from "bun:test";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

import { fakeClock } from "../helpers/fake-clock.ts";
import { asOrdinaryUser } from "../helpers/ordinary-user.ts";
import { treeSnapshot } from "../helpers/tree-snapshot.ts";
import type { Gather } from "../../src/settings/gather.ts";
import { gatherHome } from "./gathering.ts";

test("files, folders, links, empty files, permissions and times come over; a second time nothing is written", async () => {
  const at = gatherHome();
  at.write(".gitconfig", "[user]\n");
  at.write(".config/foo/a.toml", "a = 1\n");
  at.write(".config/foo/deep/empty", "");
  at.write(".config/foo/run.sh", "#!/bin/sh\n", 0o755);
  at.write(".ssh/config", "Host *\n", 0o600);
  chmodSync(join(at.home, ".ssh"), 0o700);
  at.link(".config/foo/link", "deep/empty");
  const files = ["~/.gitconfig", "~/.config/foo/", ".ssh/config"];
  const first = await at.gather(files);
  expect(first.passedOver).toEqual([]);
  expect([...first.added].sort()).toEqual([
    "home/.config/foo/a.toml",
    "home/.config/foo/deep/empty",
    "home/.config/foo/link",
    "home/.config/foo/run.sh",
    "home/.gitconfig",
    "home/.ssh/config",
  ]);
  expect(at.copy("home/.gitconfig")).toBe("[user]\n");
  expect(readlinkSync(join(at.managed, "home/.config/foo/link"))).toBe("deep/empty");
  expect(statSync(join(at.managed, "home/.config/foo/run.sh")).mode & 0o777).toBe(0o755);
  const times = (root: string, path: string) => statSync(join(root, path)).mtimeMs;
  expect(times(at.managed, "home/.gitconfig")).toBe(times(at.home, ".gitconfig"));
  expect(at.copy(".lull/modes")).toBe("0700 home/.ssh/\n0600 home/.ssh/config\n");
  const before = lstatSync(join(at.managed, "home/.gitconfig")).ino;
  const record = statSync(join(at.managed, ".git/lull/gathered.json")).ino;
  const second = await at.gather(files);
  expect([second.added, second.updated, second.removed]).toEqual([[], [], []]);
  expect(lstatSync(join(at.managed, "home/.gitconfig")).ino).toBe(before);
  expect(statSync(join(at.managed, ".git/lull/gathered.json")).ino).toBe(record);
});

test("a folder that is named as a whole tells its permissions", async () => {
  const at = gatherHome();
  at.write(".gnupg/gpg.conf", "x\n", 0o600);
  chmodSync(join(at.home, ".gnupg"), 0o700);
  await at.gather(["~/.gnupg/"]);
  expect(at.copy(".lull/modes")).toBe("0700 home/.gnupg/\n0600 home/.gnupg/gpg.conf\n");
});

test("a changed file is copied, a touched one is not, a removed one goes in the copy, too", async () => {
  const at = gatherHome();
  for (const name of ["a", "b", "c"]) at.write(`.foo/${name}`, `${name}\n`);
  await at.gather(["~/.foo/"]);
  const ino = lstatSync(join(at.managed, "home/.foo/b")).ino;
  at.write(".foo/a", "new\n");
  at.write(".foo/b", "b\n");
  at.remove(".foo/c");
  const result = await at.gather(["~/.foo/"]);
  expect(result.updated).toEqual(["home/.foo/a"]);
  expect(result.removed).toEqual(["home/.foo/c"]);
  expect(at.copy("home/.foo/a")).toBe("new\n");
  expect(lstatSync(join(at.managed, "home/.foo/b")).ino).toBe(ino);
  expect(() => at.copy("home/.foo/c")).toThrow();
});

test("only the permissions changed: the copy gets them, and the note", async () => {
  const at = gatherHome();
  at.write(".foo/a", "a\n");
  await at.gather(["~/.foo/"]);
  chmodSync(join(at.home, ".foo/a"), 0o700);
  expect((await at.gather(["~/.foo/"])).updated).toEqual(["home/.foo/a"]);
  expect(statSync(join(at.managed, "home/.foo/a")).mode & 0o777).toBe(0o700);
  expect(at.copy(".lull/modes")).toBe("0700 home/.foo/a\n");
});

test("a folder that is gone as a whole takes no copy along: it may be a disk that is not there", async () => {
  const at = gatherHome();
  at.write(".foo/a", "a\n");
  at.write(".foorc", "x\n");
  const files = ["~/.foo/", "~/.foorc"];
  await at.gather(files);
  at.remove(".foo");
  at.remove(".foorc");
  expect((await at.gather(files)).removed).toEqual(["home/.foorc"]);
  expect(at.copy("home/.foo/a")).toBe("a\n");
  // It comes back empty: now its file is gone.
  mkdirSync(join(at.home, ".foo"));
  expect((await at.gather(files)).removed).toEqual(["home/.foo/a"]);
});

test("what is no longer named or is excluded now keeps its copy; so does everything without sync_deletions", async () => {
  const at = gatherHome();
  for (const name of ["a", "b.log", "c"]) at.write(`.foo/${name}`, `${name}\n`);
  at.write(".bar", "bar\n");
  await at.gather(["~/.foo/", "~/.bar"]);
  expect((await at.gather(["~/.foo/"], { exclude: ["*.log"] })).removed).toEqual([]);
  expect(at.copy("home/.foo/b.log")).toBe("b.log\n");
  expect(at.copy("home/.bar")).toBe("bar\n");
  at.remove(".foo/c");
  expect((await at.gather(["~/.foo/"], { syncDeletions: false })).removed).toEqual([]);
  expect(at.copy("home/.foo/c")).toBe("c\n");
});

test("what can not be read is named, keeps its copy, and the rest goes on", async () => {
  const at = gatherHome();
  at.write(".foo/a", "a\n");
  at.write(".foo/deep/b", "b\n");
  at.write(".foo/c", "c\n");
  await at.gather(["~/.foo/"]);
  at.write(".foo/a", "secret\n", 0o000);
  chmodSync(join(at.home, ".foo/deep"), 0o000);
  at.write(".foo/c", "new\n");
  let result: Gather | undefined;
  await asOrdinaryUser([dirname(at.home), ...everythingBelow(dirname(at.home))], async () => {
    result = await at.gather(["~/.foo/"]);
  });
  chmodSync(join(at.home, ".foo/deep"), 0o755);
  expect(result?.passedOver.map(({ path }) => path.slice(at.home.length))).toEqual(["/.foo/deep", "/.foo/a"]);
  expect(result?.updated).toEqual(["home/.foo/c"]);
  expect(result?.removed).toEqual([]);
  expect([at.copy("home/.foo/a"), at.copy("home/.foo/deep/b")]).toEqual(["a\n", "b\n"]);
});

test("a file that became a folder, and the other way round", async () => {
  const at = gatherHome();
  at.write(".foo/x", "file\n");
  at.write(".foo/y/inner", "inner\n");
  await at.gather(["~/.foo/"]);
  at.remove(".foo/x");
  at.remove(".foo/y");
  at.write(".foo/x/inner", "now a folder\n");
  at.write(".foo/y", "now a file\n");
  const result = await at.gather(["~/.foo/"]);
  expect(result.passedOver).toEqual([]);
  expect(treeSnapshot(join(at.managed, "home"))).toEqual(treeSnapshot(at.home));
});

test("a copy that another device changed stays while the file here does not change", async () => {
  const at = gatherHome();
  at.write(".foorc", "one\n");
  await at.gather(["~/.foorc"]);
  writeFileSync(join(at.managed, "home/.foorc"), "by another device\n");
  const rests = await at.gather(["~/.foorc"]);
  expect([rests.updated, rests.met]).toEqual([[], []]);
  expect(at.copy("home/.foorc")).toBe("by another device\n");
  at.write(".foorc", "two\n");
  const met = await at.gather(["~/.foorc"], { both: () => "copy" });
  expect(met.met).toEqual([{ copy: "home/.foorc", kept: "copy" }]);
  expect(at.copy("home/.foorc")).toBe("by another device\n");
  // That was one decision, not one for ever.
  at.write(".foorc", "three\n");
  expect((await at.gather(["~/.foorc"])).updated).toEqual(["home/.foorc"]);
});

test("a file that was only touched, or is too young to tell, does not take the place of another device's version", async () => {
  const at = gatherHome();
  at.write(".foorc", "one\n");
  await at.gather(["~/.foorc"], { clock: fakeClock(Date.now()) });
  writeFileSync(join(at.managed, "home/.foorc"), "by another device\n");
  const young = await at.gather(["~/.foorc"], { clock: fakeClock(Date.now()) });
  at.write(".foorc", "one\n");
  const touched = await at.gather(["~/.foorc"]);
  expect([young.met, young.updated, touched.met, touched.updated]).toEqual([[], [], [], []]);
  expect(at.copy("home/.foorc")).toBe("by another device\n");
});

test("a copy that was edited and is in no commit is never overwritten", async () => {
  const at = gatherHome();
  at.write(".foorc", "one\n");
  await at.gather(["~/.foorc"]);
  writeFileSync(join(at.managed, "home/.foorc"), "by hand\n");
  at.write(".foorc", "two\n");
  const result = await at.gather(["~/.foorc"], { isCommitted: () => false });
  expect(result.passedOver.map(({ reason }) => reason)).toEqual([
    "its copy was edited, too, and is in no commit yet",
  ]);
  expect(at.copy("home/.foorc")).toBe("by hand\n");
  expect((await at.gather(["~/.foorc"])).met).toEqual([{ copy: "home/.foorc", kept: "home" }]);
});

test("a file that differs from a copy that came from elsewhere waits for a person; the same one does not", async () => {
  const at = gatherHome();
  mkdirSync(join(at.managed, "home"));
  writeFileSync(join(at.managed, "home/.foorc"), "from elsewhere\n");
  writeFileSync(join(at.managed, "home/.same"), "same\n");
  at.write(".foorc", "of this machine\n");
  at.write(".same", "same\n");
  const result = await at.gather(["~/.foorc", "~/.same"]);
  expect(result.undecided.map(({ copy }) => copy)).toEqual(["home/.foorc"]);
  expect(at.copy("home/.foorc")).toBe("from elsewhere\n");
  expect([...result.record.keys()]).toEqual(["home/.same"]);
});

test("globs, excludes, repositories in folders, other kinds of files", async () => {
  const at = gatherHome();
  at.write(".config/foo/a.toml", "a\n");
  at.write(".config/foo/b.json", "b\n");
  at.write(".config/foo/deep/c.toml", "c\n");
  at.write(".vim/pack/.git/config", "x\n");
  at.write(".vim/pack/plugin.vim", "x\n");
  at.write(".vim/Cache/big", "x\n");
  Bun.spawnSync(["mkfifo", join(at.home, ".vim/pipe")]);
  const result = await at.gather(["~/.config/foo/*.toml", "~/.vim"], { exclude: ["**/Cache/**"] });
  expect([...result.added].sort()).toEqual(["home/.config/foo/a.toml", "home/.vim/pack/plugin.vim"]);
  expect(result.passedOver.map(({ path }) => path.slice(at.home.length)).sort()).toEqual([
    "/.vim/pack/.git",
    "/.vim/pipe",
  ]);
});

test("what may only be kept encrypted stays out without a key; too large files stay out", async () => {
  const at = gatherHome();
  at.write(".token", "secret\n");
  at.write(".big", "x".repeat(2000));
  const result = await at.gather([{ path: "~/.token", encrypt: true }, "~/.big"], { largest: 1000 });
  expect(result.added).toEqual([]);
  expect(result.passedOver.map(({ reason }) => reason)).toEqual([
    "it may be kept encrypted only; `lull secret init` makes the key",
    "it has 2.0 KB, more than `guards.file_size` lets in (1.0 KB)",
  ]);
});

test("an encrypted file is sealed once, and again only when it changed", async () => {
  const at = gatherHome();
  let sealed = 0;
  const cipher = {
    encrypt: (plain: Uint8Array) =>
      Promise.resolve(Buffer.from(`${++sealed}:${Buffer.from(plain).toString("base64")}`)),
    decrypt: (bytes: Uint8Array) =>
      Promise.resolve(Buffer.from(Buffer.from(bytes).toString().split(":")[1] ?? "", "base64")),
  };
  const files = [{ path: "~/.token", encrypt: true }];
  at.write(".token", "secret\n", 0o600);
  expect((await at.gather(files, { cipher })).added).toEqual(["home/.token.age"]);
  await at.gather(files, { cipher });
  at.write(".token", "secret\n", 0o600);
  await at.gather(files, { cipher });
  // Without the record the copy is opened and compared.
  rmSync(join(at.managed, ".git/lull/gathered.json"));
  expect((await at.gather(files, { cipher })).updated).toEqual([]);
  expect(sealed).toBe(1);
  at.write(".token", "new\n", 0o600);
  expect((await at.gather(files, { cipher })).updated).toEqual(["home/.token.age"]);
  expect(at.copy("home/.token.age")).toStartWith("2:");
  at.remove(".token");
  expect((await at.gather(files, { cipher })).removed).toEqual(["home/.token.age"]);
});

test("a link in the repository does not lead a copy out of it", async () => {
  const at = gatherHome();
  const outside = join(at.home, "outside");
  mkdirSync(outside);
  symlinkSync(outside, join(at.managed, "home"));
  at.write(".foorc", "x\n");
  const result = await at.gather(["~/.foorc"]);
  expect(result.passedOver.map(({ reason }) => reason)).toEqual([
    '"home" in the managed repository is no folder',
  ]);
  expect(() => lstatSync(join(outside, ".foorc"))).toThrow();
});

test("a dry run tells what would be done, and does nothing", async () => {
  const at = gatherHome();
  at.write(".foo/a", "a\n");
  at.write(".foo/b", "b\n");
  await at.gather(["~/.foo/"]);
  at.write(".foo/a", "new\n");
  at.remove(".foo/b");
  at.write(".foo/c", "c\n");
  const before = treeSnapshot(at.managed);
  const result = await at.gather(["~/.foo/"], { dryRun: true });
  expect([result.added, result.updated, result.removed]).toEqual([
    ["home/.foo/c"],
    ["home/.foo/a"],
    ["home/.foo/b"],
  ]);
  expect(treeSnapshot(at.managed)).toEqual(before);
});

test.each(["~/..", "~/../x", "a/../../b", "~", "~/", "/", "**"])("%p is refused", (path) => {
  const at = gatherHome();
  expect(() => at.gather([path])).toThrow(expect.objectContaining({ code: "BAD_PATH" }));
});

test("paths outside the home lie apart", async () => {
  const at = gatherHome();
  const elsewhere = join(at.home, "../elsewhere.conf");
  writeFileSync(elsewhere, "x\n");
  const absolute = join(at.home, ".foorc");
  at.write(".foorc", "x\n");
  const result = await at.gather([elsewhere.replace("/home/..", ""), absolute]);
  expect(result.passedOver).toEqual([]);
  expect(result.added.map((copy) => copy.split("/")[0])).toEqual(["root", "home"]);
});

function everythingBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).map((path) => join(folder, path));
}
