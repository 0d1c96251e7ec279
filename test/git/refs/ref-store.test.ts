import { beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { findPackedRef, readPackedRefs, withoutPackedRefs } from "../../../src/git/refs/packed-refs.ts";
import { listRefs, readRef, resolveRef } from "../../../src/git/refs/ref-store.ts";
import { git, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";
import { thrown } from "../../helpers/thrown.ts";

let root: string;
let gitDirectory: string;
let first: string;
let second: string;

beforeEach(() => {
  root = temporaryDirectory();
  gitDirectory = join(root, ".git");
  git(root, "init", "-q");
  git(root, "commit", "-q", "--allow-empty", "-m", "one");
  first = git(root, "rev-parse", "HEAD");
  git(root, "commit", "-q", "--allow-empty", "-m", "two");
  second = git(root, "rev-parse", "HEAD");
});

/** What git lists: `name oid` lines. */
function gitList(prefix: string): string[] {
  const output = git(root, "for-each-ref", "--format=%(refname) %(objectname)", prefix);
  return output === "" ? [] : output.split("\n");
}

function ourList(prefix: string): string[] {
  return [...listRefs(gitDirectory, prefix)].map(([name, oid]) => `${name} ${oid}`);
}

describe("reading refs", () => {
  test("lists what git lists, loose and packed mixed, symbolic resolved, dangling left out", () => {
    git(root, "tag", "-a", "v1", "-m", "annotated");
    git(root, "branch", "feature/über");
    git(root, "update-ref", "refs/remotes/origin/main", first);
    git(root, "pack-refs", "--all");
    git(root, "branch", "-f", "feature/über", first);
    git(root, "branch", "new");
    git(root, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main");
    git(root, "symbolic-ref", "refs/remotes/other/HEAD", "refs/remotes/other/none");
    writeFileSync(join(gitDirectory, "refs/heads/main.lock"), "");
    writeFileSync(join(gitDirectory, "refs/heads/bad..name"), `${first}\n`);
    for (const prefix of ["refs/", "refs/heads/", "refs/remotes/origin/", "refs/nothing/"]) {
      expect(ourList(prefix)).toEqual(gitList(prefix));
    }
    expect(ourList("").length).toBe(6);
    expect(ourList("refs/heads/fea")).toEqual([`refs/heads/feature/über ${first}`]);
  });

  test("keeps names that are no UTF-8 apart", () => {
    const name = Buffer.concat([Buffer.from("refs/heads/"), Buffer.from([0xe9])]);
    gitRaw(root, ["update-ref", "--stdin"], {
      input: Buffer.concat([Buffer.from("create "), name, Buffer.from(` ${first}\n`)]),
    });
    expect(readRef(gitDirectory, "refs/heads/\udce9")).toEqual({ kind: "direct", oid: first });
    expect(listRefs(gitDirectory, "refs/heads/").get("refs/heads/\udce9")).toBe(first);
    git(root, "pack-refs", "--all");
    expect(readRef(gitDirectory, "refs/heads/\udce9")).toEqual({ kind: "direct", oid: first });
  });

  test("takes the loose value before the packed one", () => {
    git(root, "pack-refs", "--all");
    expect(readRef(gitDirectory, "refs/heads/main")).toEqual({ kind: "direct", oid: second });
    git(root, "update-ref", "refs/heads/main", first);
    expect(readRef(gitDirectory, "refs/heads/main")).toEqual({ kind: "direct", oid: first });
  });

  test("follows HEAD to its branch, also to one without a commit", () => {
    expect(readRef(gitDirectory, "HEAD")).toEqual({ kind: "symbolic", target: "refs/heads/main" });
    expect(resolveRef(gitDirectory, "HEAD")).toEqual({ name: "refs/heads/main", oid: second });
    git(root, "symbolic-ref", "HEAD", "refs/heads/unborn");
    expect(resolveRef(gitDirectory, "HEAD")).toEqual({ name: "refs/heads/unborn", oid: undefined });
    git(root, "checkout", "-q", "--detach", first);
    expect(resolveRef(gitDirectory, "HEAD")).toEqual({ name: "HEAD", oid: first });
  });

  test("ends at a loop of symbolic refs", () => {
    writeFileSync(join(gitDirectory, "refs/heads/a"), "ref: refs/heads/b\n");
    writeFileSync(join(gitDirectory, "refs/heads/b"), "ref: refs/heads/a\n");
    expect(thrown(() => resolveRef(gitDirectory, "refs/heads/a")).code).toBe("REF_BROKEN");
  });

  test.each([
    ["an empty file", ""],
    ["a torn name", "1234567890"],
    ["other words", "hello\n"],
    ["zeros", `${"0".repeat(40)}\n`],
    ["a symbolic ref out of refs", "ref: ../../etc/passwd\n"],
    ["a file that is too long", "x".repeat(70_000)],
  ])("calls %s broken and never falls back to packed or to unborn", (_what, content) => {
    git(root, "pack-refs", "--all");
    mkdirSync(join(gitDirectory, "refs/heads"), { recursive: true });
    writeFileSync(join(gitDirectory, "refs/heads/main"), content);
    const error = thrown(() => resolveRef(gitDirectory, "HEAD"));
    expect(error.code).toBe("REF_BROKEN");
    expect(error.kind).toBe("unsafe");
    expect(error.message).toContain("refs/heads/main appears to be broken");
    expect(error.hint).toContain("logs/refs/heads/main");
    expect(thrown(() => listRefs(gitDirectory, "refs/")).code).toBe("REF_BROKEN");
    const broken: string[] = [];
    expect(listRefs(gitDirectory, "refs/", (name) => broken.push(name)).size).toBe(0);
    expect(broken).toEqual(["refs/heads/main"]);
  });

  test("does not hang on a FIFO and does not follow a link out of the repository", () => {
    Bun.spawnSync(["mkfifo", join(gitDirectory, "refs/heads/pipe")]);
    expect(thrown(() => readRef(gitDirectory, "refs/heads/pipe")).code).toBe("REF_BROKEN");
    rmSync(join(gitDirectory, "refs/heads/pipe"));
    symlinkSync("/etc/hostname", join(gitDirectory, "refs/heads/link"));
    expect(thrown(() => readRef(gitDirectory, "refs/heads/link")).code).toBe("REF_BROKEN");
  });

  test("understands HEAD as a link, as in very old repositories", () => {
    rmSync(join(gitDirectory, "HEAD"));
    symlinkSync("refs/heads/main", join(gitDirectory, "HEAD"));
    expect(resolveRef(gitDirectory, "HEAD").oid).toBe(second);
  });

  test("is content with a folder, a file above, or nothing where a ref could be", () => {
    git(root, "branch", "a/b");
    expect(readRef(gitDirectory, "refs/heads/a")).toBeUndefined();
    expect(readRef(gitDirectory, "refs/heads/main/x")).toBeUndefined();
    expect(readRef(gitDirectory, "refs/heads/none")).toBeUndefined();
  });

  test("refuses names that could leave the folder of refs", () => {
    for (const name of ["refs/../config", "config", "../x", "refs/heads/a.lock"]) {
      expect(thrown(() => readRef(gitDirectory, name)).code).toBe("REF_NAME_INVALID");
    }
  });
});

describe("packed-refs", () => {
  test("is read with peeled tags, exactly as git show-ref sees them", () => {
    git(root, "tag", "-a", "v1", "-m", "annotated");
    git(root, "tag", "light", first);
    git(root, "pack-refs", "--all");
    const tag = readPackedRefs(gitDirectory).get("refs/tags/v1");
    expect(tag).toEqual({ oid: git(root, "rev-parse", "v1"), peeled: second });
    expect(readPackedRefs(gitDirectory).get("refs/tags/light")).toEqual({ oid: first, peeled: undefined });
    expect(findPackedRef(gitDirectory, "refs/tags/v1")).toBe(git(root, "rev-parse", "v1"));
    expect(findPackedRef(gitDirectory, "refs/tags/v")).toBeUndefined();
  });

  test("loses exactly the lines of one ref", () => {
    git(root, "tag", "-a", "v1", "-m", "annotated");
    git(root, "branch", "zz");
    git(root, "pack-refs", "--all");
    const rest = withoutPackedRefs(gitDirectory, new Set(["refs/tags/v1"]))?.toString() ?? "";
    expect(rest).toStartWith("# pack-refs with:");
    expect(rest).toContain(`${second} refs/heads/zz\n`);
    expect(rest).not.toContain("v1");
    expect(rest).not.toContain("^");
    expect(withoutPackedRefs(gitDirectory, new Set(["refs/tags/none"]))).toBeUndefined();
  });

  test("is not taken in by a comment that looks like an entry", () => {
    writeFileSync(join(gitDirectory, "packed-refs"), `#${first} refs/heads/x\n# ${first} refs/heads/x\n`);
    expect(findPackedRef(gitDirectory, "refs/heads/x")).toBeUndefined();
    expect(readPackedRefs(gitDirectory).size).toBe(0);
  });

  test.each([["garbage\n"], [`^${"1".repeat(40)}\n`], [`${"1".repeat(40)} refs/heads/cut`]])(
    "that is damaged (%j) is an error",
    (content) => {
      writeFileSync(join(gitDirectory, "packed-refs"), content);
      expect(thrown(() => readPackedRefs(gitDirectory)).code).toBe("REF_BROKEN");
    },
  );

  test("leaves out names that git would not accept", () => {
    writeFileSync(
      join(gitDirectory, "packed-refs"),
      `${first} refs/heads/../x\n^${first}\n${first} refs/heads/ok\n`,
    );
    expect([...readPackedRefs(gitDirectory).keys()]).toEqual(["refs/heads/ok"]);
  });
});
