import { beforeEach, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, realpathSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { findIdentity } from "../../../src/git/repository-config/identity.ts";
import type { Environment } from "../../../src/git/repository-config/load-config.ts";
import { loadConfig, loadLocalConfig } from "../../../src/git/repository-config/load-config.ts";
import { git, gitEnvironment, temporaryDirectory } from "../../helpers/system-git.ts";
import { thrown } from "../../helpers/thrown.ts";

let home: string;
let root: string;
let gitDirectory: string;

beforeEach(() => {
  home = temporaryDirectory();
  root = join(home, "work", "notes");
  mkdirSync(root, { recursive: true });
  git(root, "init", "-q");
  gitDirectory = join(root, ".git");
  mkdirSync(join(home, ".config/git"), { recursive: true });
});

function write(path: string, text: string): void {
  writeFileSync(join(home, path), text);
}

function load(environment: Environment = {}, branch = "refs/heads/main") {
  return loadConfig({
    gitDirectory,
    branch: () => branch,
    environment: { HOME: home, GIT_CONFIG_NOSYSTEM: "1", ...environment },
  });
}

/** Every value of a key as system git finds them with the same files. */
function gitGetAll(key: string, environment: Record<string, string> = {}): string[] {
  const { GIT_CONFIG_GLOBAL: _g, GIT_CONFIG_SYSTEM: _s, ...rest } = gitEnvironment();
  const env = { ...rest, HOME: home, GIT_CONFIG_NOSYSTEM: "1", ...environment };
  const result = spawnSync("git", ["config", "--get-all", key], { cwd: root, env });
  return result.stdout.toString().split("\n").slice(0, -1);
}

describe("loading git config", () => {
  test("reads global files in git's order, the local one last", () => {
    write(".config/git/config", "[a]\nb = xdg\n");
    write(".gitconfig", "[a]\nb = home\n");
    git(root, "config", "a.b", "local");
    expect(load().getAll("a.b")).toEqual(["xdg", "home", "local"]);
    expect(load().getAll("a.b")).toEqual(gitGetAll("a.b"));
    expect(
      load()
        .entries.map((entry) => entry.scope)
        .slice(0, 2),
    ).toEqual(["global", "global"]);
  });

  test("honours the variables that choose other files", () => {
    mkdirSync(join(home, "x/git"), { recursive: true });
    write("x/git/config", "[a]\nb = other-xdg\n");
    write(".gitconfig", "[a]\nb = home\n");
    write("chosen", "[a]\nb = chosen\n");
    const xdg = { XDG_CONFIG_HOME: join(home, "x") };
    expect(load(xdg).getAll("a.b")).toEqual(gitGetAll("a.b", xdg));
    expect(load(xdg).getAll("a.b")).toEqual(["other-xdg", "home"]);
    expect(load({ GIT_CONFIG_GLOBAL: join(home, "chosen") }).getAll("a.b")).toEqual(["chosen"]);
    expect(load({ GIT_CONFIG_GLOBAL: "/dev/null" }).getAll("a.b")).toEqual([]);
    const system = { GIT_CONFIG_NOSYSTEM: "false", GIT_CONFIG_SYSTEM: join(home, "chosen") };
    expect(load(system).getAll("a.b")).toEqual(["chosen", "home"]);
  });

  test("knows no global file without a home folder and no local one outside a repository", () => {
    write(".gitconfig", "[a]\nb = home\n");
    expect(
      loadConfig({ gitDirectory: undefined, environment: { GIT_CONFIG_NOSYSTEM: "1" } }).entries,
    ).toEqual([]);
    const outside = loadConfig({
      gitDirectory: undefined,
      environment: { GIT_CONFIG_NOSYSTEM: "1", HOME: home },
    });
    expect(outside.get("a.b")).toBe("home");
  });

  test("includes files where they are named, relative to their file and to the home folder", () => {
    write(
      ".gitconfig",
      "[a]\nb = 1\n[include]\npath = inc/one\npath = ~/two\npath = missing\npath\n[a]\nb = 4\n",
    );
    mkdirSync(join(home, "inc"));
    write("inc/one", "[a]\nb = 2\n[include]\npath = deeper\n");
    write("inc/deeper", "[a]\nb = 2.5\n");
    write("two", "[a]\nb = 3\n");
    expect(load().getAll("a.b")).toEqual(["1", "2", "2.5", "3", "4"]);
  });

  test.each([
    ["gitdir:~/work/", true],
    ["gitdir:~/work/notes/.git", true],
    ["gitdir:work/", true],
    ["gitdir:notes/.git", true],
    ["gitdir:./work/", true],
    ["gitdir:./other/", false],
    ["gitdir:~/WORK/", false],
    ["gitdir/i:~/WORK/", true],
    ["gitdir:/nowhere/", false],
    ["gitdir:**/notes/**", true],
    ["gitdir:~/w*k/n?tes/.git", true],
    ["gitdir:~/*/.git", false],
    ["gitdir:~/w[a-o]rk/", true],
    ["gitdir:~/w[!o]rk/", false],
    ["onbranch:main", true],
    ["onbranch:ma*", true],
    ["onbranch:other", false],
    ["onbranch:main/", false],
    ["hasconfig:remote.*.url:https://**", false],
    ["unknown:x", false],
  ])("includes by the condition %s: %p, as git does", (condition, expected) => {
    write(".gitconfig", `[includeIf "${condition}"]\npath = extra\n`);
    write("extra", "[a]\nb = yes\n");
    expect(gitGetAll("a.b").length === 1).toBe(expected);
    expect(load().get("a.b") === "yes").toBe(expected);
  });

  test("follows the branch with a folder pattern, and no branch matches nothing", () => {
    write(".gitconfig", `[includeIf "onbranch:feature/"]\npath = extra\n`);
    write("extra", "[a]\nb = yes\n");
    expect(load({}, "refs/heads/feature/x/y").get("a.b")).toBe("yes");
    expect(load({}, "HEAD").get("a.b")).toBeUndefined();
  });

  test("finds a repository by the linked path as well as by the real one", () => {
    symlinkSync(join(home, "work"), join(home, "link"));
    write(
      ".gitconfig",
      `[includeIf "gitdir:~/link/"]\npath = extra\n[includeIf "gitdir:~/work/"]\npath = extra\n`,
    );
    write("extra", "[a]\nb = yes\n");
    const linked = join(home, "link/notes/.git");
    expect(realpathSync(linked)).toBe(gitDirectory);
    const config = loadConfig({
      gitDirectory: linked,
      environment: { HOME: home, GIT_CONFIG_NOSYSTEM: "1" },
    });
    expect(config.getAll("a.b")).toEqual(["yes", "yes"]);
  });

  test("ends at files that include themselves", () => {
    write(".gitconfig", "[include]\npath = .gitconfig\n");
    const error = thrown(() => load());
    expect(error.code).toBe("GIT_CONFIG_INVALID");
    expect(error.message).toContain("include each other");
  });

  test("neither hangs on a FIFO nor reads a huge file", () => {
    Bun.spawnSync(["mkfifo", join(home, "pipe")]);
    write(".gitconfig", "[include]\npath = pipe\n[a]\nb = c\n");
    expect(load().get("a.b")).toBe("c");
    truncateSync(join(home, ".gitconfig"), 9 * 1024 * 1024);
    expect(thrown(() => load()).message).toContain("has 9437184 bytes");
  });

  test("reports a file that cannot be read", () => {
    write(".gitconfig", "[include]\npath = loop\n");
    symlinkSync(join(home, "loop"), join(home, "loop"));
    expect(thrown(() => load()).code).toBe("ELOOP");
    chmodSync(join(home, ".gitconfig"), 0o600);
  });

  test("of the local file alone leaves includes out", () => {
    git(root, "config", "include.path", "extra");
    writeFileSync(join(gitDirectory, "extra"), "[a]\nb = c\n");
    expect(loadLocalConfig(gitDirectory).get("a.b")).toBeUndefined();
    expect(load().get("a.b")).toBe("c");
  });
});

describe("the identity", () => {
  const identity = (environment: Environment = {}, role?: "author" | "committer") =>
    findIdentity(load(environment), environment, role);

  test("is undefined when a part is missing", () => {
    expect(identity()).toBeUndefined();
    expect(identity({ GIT_AUTHOR_NAME: "Ada" })).toBeUndefined();
    write(".gitconfig", "[user]\nemail = a@b\nname = ' <> '\n");
    expect(identity()).toBeUndefined();
  });

  test("comes from the environment before the config, the special keys before the general ones", () => {
    write(
      ".gitconfig",
      "[user]\nname = User\nemail = user@x\n[committer]\nname = Com\n[author]\nemail = author@x\n",
    );
    expect(identity()).toEqual({ name: "User", email: "author@x" });
    expect(identity({}, "committer")).toEqual({ name: "Com", email: "user@x" });
    expect(identity({ GIT_AUTHOR_NAME: " <Env>, ", GIT_AUTHOR_EMAIL: "env@x" })).toEqual({
      name: "Env",
      email: "env@x",
    });
  });

  test("takes EMAIL when nothing else is set", () => {
    write(".gitconfig", "[user]\nname = User\n");
    expect(identity({ EMAIL: "mail@x" })).toEqual({ name: "User", email: "mail@x" });
  });
});
