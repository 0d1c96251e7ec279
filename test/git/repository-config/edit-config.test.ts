import { beforeEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  lstatSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { editConfig, setInText } from "../../../src/git/repository-config/edit-config.ts";
import { loadConfig } from "../../../src/git/repository-config/load-config.ts";
import { readRemotes, setRemote } from "../../../src/git/repository-config/remotes.ts";
import { git, temporaryDirectory } from "../../helpers/system-git.ts";
import { thrown } from "../../helpers/thrown.ts";

let root: string;
let gitDirectory: string;
let file: string;

beforeEach(() => {
  root = temporaryDirectory();
  git(root, "init", "-q");
  gitDirectory = join(root, ".git");
  file = join(gitDirectory, "config");
});

const load = () => loadConfig({ gitDirectory, environment: { GIT_CONFIG_NOSYSTEM: "1" } });

describe("editing git config", () => {
  test.each([
    ["[a]\n\tb = 1 # why\n\tc = 2\n", "a.b", "x", "[a]\n\tb = x # why\n\tc = 2\n"],
    ["[a]\n\tb = 1\r\n[c]\r\n", "a.b", "x", "[a]\n\tb = x\r\n[c]\r\n"],
    ["[a]\n\tb\n", "a.b", "x", "[a]\n\tb = x\n"],
    ["[a]\n\tb =\n", "a.b", "x", "[a]\n\tb =x\n"],
    ["[a]\n\tb = 1", "a.b", "x", "[a]\n\tb = x"],
    ['; top\n[A] B = "1" ; c\n[d]\n', "a.b", "x", "; top\n[A] B = x ; c\n[d]\n"],
    ["[a]\n\tb = one \\\n two\n", "a.b", "x", "[a]\n\tb = x\n"],
    ["[a]\n\tb = 1 ; note\n\n[z]\n\ty = 1\n", "a.c", "x", "[a]\n\tb = 1 ; note\n\tc = x\n\n[z]\n\ty = 1\n"],
    ["[a]\n[b]\n", "a.Cd", "x", "[a]\n\tCd = x\n[b]\n"],
    ["[a]", "a.c", "x", "[a]\n\tc = x\n"],
    ["[a] # note\n[b]\n", "a.c", "x", "[a]\n\tc = x # note\n[b]\n"],
    ["[a]\n\tb = 1", "c.d.e", "x", '[a]\n\tb = 1\n[c "d"]\n\te = x\n'],
    ["", 'remote.a"\\b.url', "x", '[remote "a\\"\\\\b"]\n\turl = x\n'],
    ["[a]\n\tb = \xe9\n", "a.c", ' ü;\\"\n\t ', '[a]\n\tb = \xe9\n\tc = " \xc3\xbc;\\\\\\"\\n\\t "\n'],
  ])("turns %j with %s = %j into %j", (before, key, value, after) => {
    const result = setInText(before, { key, value }, "f");
    expect(result).toBe(after);
    const written = temporaryDirectory();
    writeFileSync(join(written, "c"), Buffer.from(result, "latin1"));
    expect(git(written, "config", "--file", "c", "-z", "--get", key).replace(/\0$/, "")).toBe(value);
    expect(setInText(result, { key, value }, "f")).toBe(result);
  });

  test("is read back by git and keeps every other byte and the mode", () => {
    chmodSync(file, 0o600);
    const before = readFileSync(file, "utf8");
    editConfig(gitDirectory, [
      { key: "user.name", value: "Ada" },
      { key: "remote.origin.url", value: "git@host:a b.git" },
    ]);
    expect(git(root, "config", "user.name")).toBe("Ada");
    expect(git(root, "remote", "get-url", "origin")).toBe("git@host:a b.git");
    expect(readFileSync(file, "utf8")).toStartWith(before);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test("does not touch the file when it says so already", () => {
    const before = statSync(file).ino;
    editConfig(gitDirectory, [{ key: "core.bare", value: "false" }]);
    expect(statSync(file).ino).toBe(before);
  });

  test("honours git's lock and refuses a damaged file", () => {
    writeFileSync(`${file}.lock`, "");
    // Waits a second, as somebody may be about to finish.
    expect(thrown(() => editConfig(gitDirectory, [{ key: "a.b", value: "c" }])).code).toBe("CONFIG_LOCKED");
    rmSync(`${file}.lock`);
    writeFileSync(file, "[a\n");
    expect(thrown(() => editConfig(gitDirectory, [{ key: "a.b", value: "c" }])).code).toBe(
      "GIT_CONFIG_INVALID",
    );
    expect(readFileSync(file, "utf8")).toBe("[a\n");
  });

  test("does not choose between several values", () => {
    git(root, "config", "--add", "a.b", "1");
    git(root, "config", "--add", "a.b", "2");
    expect(thrown(() => editConfig(gitDirectory, [{ key: "a.b", value: "3" }])).code).toBe(
      "GIT_CONFIG_MULTIPLE",
    );
  });

  test.each([
    ["a.b\nc.d", "x"],
    ["a_b.c", "x"],
    ["a.9", "x"],
    ["a.b", "x\0"],
  ])("refuses %j = %j", (key, value) => {
    expect(thrown(() => editConfig(gitDirectory, [{ key, value }])).code).toBe("GIT_CONFIG_KEY");
  });

  test("edits a linked config where it really is, and makes a missing one", () => {
    const elsewhere = join(temporaryDirectory(), "config");
    renameSync(file, elsewhere);
    symlinkSync(elsewhere, file);
    editConfig(gitDirectory, [{ key: "a.b", value: "c" }]);
    expect(lstatSync(file).isSymbolicLink()).toBe(true);
    expect(readFileSync(elsewhere, "utf8")).toContain("[a]\n\tb = c\n");
    rmSync(file);
    editConfig(gitDirectory, [{ key: "a.b", value: "c" }]);
    expect(readFileSync(file, "utf8")).toBe("[a]\n\tb = c\n");
  });
});

describe("remotes", () => {
  test("are written with a fetch refspec, exactly as git remote add does", () => {
    const other = temporaryDirectory();
    git(other, "init", "-q");
    git(other, "remote", "add", "my/origin", "https://host/x.git");
    setRemote(gitDirectory, load(), { name: "my/origin", url: "https://host/x.git" });
    expect(readFileSync(file, "utf8")).toBe(readFileSync(join(other, ".git/config"), "utf8"));
    expect(readRemotes(load())).toEqual([{ name: "my/origin", url: "https://host/x.git" }]);
  });

  test("keep their own refspecs when only the URL changes", () => {
    git(root, "remote", "add", "-t", "main", "origin", "/old");
    setRemote(gitDirectory, load(), { name: "origin", url: "/new" });
    expect(git(root, "config", "--get-all", "remote.origin.fetch")).toBe(
      "+refs/heads/main:refs/remotes/origin/main",
    );
    expect(git(root, "remote", "get-url", "origin")).toBe("/new");
  });

  test("without a URL are left out, of several URLs the first counts", () => {
    git(root, "config", "remote.a.fetch", "x");
    git(root, "config", "--add", "remote.b.url", "1");
    git(root, "config", "--add", "remote.b.url", "2");
    expect(readRemotes(load())).toEqual([{ name: "b", url: "1" }]);
  });

  test.each([
    ["a b", "x"],
    ["../x", "x"],
    ["ok", "a\nb"],
  ])("refuse the name %j with the URL %j", (name, url) => {
    expect(thrown(() => setRemote(gitDirectory, load(), { name, url })).code).toBe("REMOTE_NAME_INVALID");
  });
});
