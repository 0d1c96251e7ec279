import { beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { ReflogEntry } from "../../../src/git/refs/reflog.ts";
import { readRef } from "../../../src/git/refs/ref-store.ts";
import { deleteRef, prepareRefUpdate, updateRef } from "../../../src/git/refs/update-ref.ts";
import { fsck, git, temporaryDirectory } from "../../helpers/system-git.ts";
import { thrown } from "../../helpers/thrown.ts";

let root: string;
let gitDirectory: string;
let first: string;
let second: string;

const reflog: ReflogEntry = {
  who: { name: "Ada <x>", email: "ada@example.com", seconds: 1_700_000_000, offsetMinutes: -90 },
  message: "lull:  fast-\nforward ",
  policy: "usual",
};

beforeEach(() => {
  root = temporaryDirectory();
  gitDirectory = join(root, ".git");
  git(root, "init", "-q");
  git(root, "commit", "-q", "--allow-empty", "-m", "one");
  first = git(root, "rev-parse", "HEAD");
  git(root, "commit", "-q", "--allow-empty", "-m", "two");
  second = git(root, "rev-parse", "HEAD");
});

describe("moving a ref", () => {
  test("is seen by git, with the same lines in the logs of branch and HEAD", () => {
    updateRef(gitDirectory, { name: "refs/heads/main", expected: second, next: first, reflog });
    expect(git(root, "rev-parse", "main")).toBe(first);
    const line = `${second} ${first} Ada x <ada@example.com> 1700000000 -0130\tlull: fast- forward\n`;
    expect(readFileSync(join(gitDirectory, "logs/HEAD"), "utf8")).toEndWith(line);
    expect(readFileSync(join(gitDirectory, "logs/refs/heads/main"), "utf8")).toEndWith(line);
    expect(git(root, "reflog", "-1", "--format=%gs")).toBe("lull: fast- forward");
    expect(existsSync(join(gitDirectory, "HEAD.lock"))).toBe(false);
    fsck(root);
  });

  test("creates refs in new folders and logs other branches apart from HEAD", () => {
    const before = readFileSync(join(gitDirectory, "logs/HEAD"), "utf8");
    updateRef(gitDirectory, { name: "refs/remotes/origin/a/b", expected: undefined, next: first, reflog });
    expect(git(root, "rev-parse", "origin/a/b")).toBe(first);
    expect(readFileSync(join(gitDirectory, "logs/HEAD"), "utf8")).toBe(before);
    expect(git(root, "reflog", "show", "origin/a/b").split("\n").length).toBe(1);
  });

  test("logs only where the policy says so", () => {
    const update = (name: string, policy: ReflogEntry["policy"]): void =>
      updateRef(gitDirectory, { name, expected: undefined, next: first, reflog: { ...reflog, policy } });
    update("refs/heads/a", "existing");
    update("refs/tags/b", "usual");
    update("refs/tags/c", "always");
    update("refs/heads/d", "usual");
    const logged = ["heads/a", "tags/b", "tags/c", "heads/d"].map((name) =>
      existsSync(join(gitDirectory, "logs/refs", name)),
    );
    expect(logged).toEqual([false, false, true, true]);
    updateRef(gitDirectory, {
      name: "refs/heads/d",
      expected: first,
      next: second,
      reflog: { ...reflog, policy: "existing" },
    });
    expect(git(root, "reflog", "show", "d").split("\n").length).toBe(2);
  });

  test("refuses when the ref is not what was expected, and changes nothing", () => {
    const cases = [
      { name: "refs/heads/main", expected: first, next: first },
      { name: "refs/heads/main", expected: undefined, next: first },
      { name: "refs/heads/none", expected: first, next: second },
    ];
    for (const update of cases) {
      const error = thrown(() => updateRef(gitDirectory, update));
      expect(error.code).toBe("REF_CHANGED");
      expect(existsSync(join(gitDirectory, `${update.name}.lock`))).toBe(false);
    }
    expect(git(root, "rev-parse", "main")).toBe(second);
    expect(readRef(gitDirectory, "refs/heads/none")).toBeUndefined();
  });

  test("does nothing when the ref is there already", () => {
    const before = statSync(join(gitDirectory, "refs/heads/main")).ino;
    updateRef(gitDirectory, { name: "refs/heads/main", expected: second, next: second, reflog });
    expect(statSync(join(gitDirectory, "refs/heads/main")).ino).toBe(before);
  });

  test("honours a lock that git holds on the ref or on HEAD", () => {
    writeFileSync(join(gitDirectory, "refs/heads/main.lock"), "");
    const update = { name: "refs/heads/main", expected: second, next: first, reflog };
    expect(thrown(() => updateRef(gitDirectory, update)).code).toBe("REF_LOCKED");
    Bun.spawnSync(["rm", join(gitDirectory, "refs/heads/main.lock")]);
    writeFileSync(join(gitDirectory, "HEAD.lock"), "");
    expect(thrown(() => updateRef(gitDirectory, update)).code).toBe("REF_LOCKED");
    expect(git(root, "rev-parse", "main")).toBe(second);
  });

  test("refuses a name that needs another ref's file as its folder, loose or packed, in both directions", () => {
    git(root, "branch", "a/b");
    const conflict = (name: string): string =>
      thrown(() => updateRef(gitDirectory, { name, expected: undefined, next: first })).code;
    for (const pack of [false, true]) {
      if (pack) git(root, "pack-refs", "--all");
      expect(conflict("refs/heads/a")).toBe("REF_NAME_CONFLICT");
      expect(conflict("refs/heads/a/b/c")).toBe("REF_NAME_CONFLICT");
      expect(conflict("refs/heads/main/x/y")).toBe("REF_NAME_CONFLICT");
    }
    expect(git(root, "for-each-ref", "--format=%(refname)")).toBe("refs/heads/a/b\nrefs/heads/main");
  });

  test("removes empty folders that deleted refs left in the way, of refs and of logs", () => {
    mkdirSync(join(gitDirectory, "refs/heads/x/y/z"), { recursive: true });
    mkdirSync(join(gitDirectory, "logs/refs/heads/x/y"), { recursive: true });
    updateRef(gitDirectory, { name: "refs/heads/x", expected: undefined, next: first, reflog });
    expect(git(root, "reflog", "show", "x")).toContain("lull: fast- forward");
  });

  test("does not write through a symbolic ref", () => {
    git(root, "update-ref", "refs/remotes/origin/main", first);
    git(root, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main");
    const update = { name: "refs/remotes/origin/HEAD", expected: first, next: second };
    expect(thrown(() => updateRef(gitDirectory, update)).code).toBe("REF_IS_SYMBOLIC");
    expect(git(root, "rev-parse", "refs/remotes/origin/main")).toBe(first);
  });

  test.each([["HEAD"], ["refs/heads/../../config"], ["refs/heads/x.lock"]])("refuses the name %s", (name) => {
    expect(thrown(() => updateRef(gitDirectory, { name, expected: undefined, next: first })).code).toBe(
      "REF_NAME_INVALID",
    );
  });

  test("lets exactly one of two competing processes win each round", async () => {
    const script = `
      import { updateRef } from ${JSON.stringify(join(import.meta.dir, "../../../src/git/refs/update-ref.ts"))};
      import { readRef } from ${JSON.stringify(join(import.meta.dir, "../../../src/git/refs/ref-store.ts"))};
      let moved = 0;
      for (let i = 0; i < 60; i++) {
        const now = readRef(${JSON.stringify(gitDirectory)}, "refs/heads/count");
        const next = (BigInt("0x" + (now?.oid ?? "0")) + 1n).toString(16).padStart(40, "0");
        try { updateRef(${JSON.stringify(gitDirectory)}, { name: "refs/heads/count", expected: now?.oid, next }); moved++; }
        catch (error) { if (!["REF_CHANGED", "REF_LOCKED"].includes(error.code)) throw error; }
      }
      console.log(moved);`;
    const file = join(root, "race.ts");
    writeFileSync(file, script);
    const runs = [0, 1, 2].map(() => Bun.spawn([process.execPath, file], { stdout: "pipe" }));
    const moved = await Promise.all(runs.map(async (run) => Number(await new Response(run.stdout).text())));
    const value = readRef(gitDirectory, "refs/heads/count");
    expect(value?.kind === "direct" ? Number.parseInt(value.oid, 16) : -1).toBe(
      moved.reduce((a, b) => a + b, 0),
    );
    expect(Math.max(...moved)).toBeGreaterThan(0);
  });
});

describe("deleting a ref", () => {
  test("removes the packed and the loose value together with its log and its empty folders", () => {
    git(root, "branch", "a/b/c", first);
    git(root, "tag", "-a", "v1", "-m", "x");
    git(root, "pack-refs", "--all");
    git(root, "branch", "-f", "a/b/c", second);
    deleteRef(gitDirectory, "refs/heads/a/b/c", second);
    expect(git(root, "for-each-ref", "--format=%(refname)")).toBe("refs/heads/main\nrefs/tags/v1");
    expect(existsSync(join(gitDirectory, "refs/heads/a"))).toBe(false);
    expect(existsSync(join(gitDirectory, "logs/refs/heads/a"))).toBe(false);
    expect(existsSync(join(gitDirectory, "refs/heads"))).toBe(true);
    expect(git(root, "rev-parse", "v1^{}")).toBe(second);
    fsck(root);
  });

  test("needs the expected value and the locks of ref and packed-refs", () => {
    expect(thrown(() => deleteRef(gitDirectory, "refs/heads/main", first)).code).toBe("REF_CHANGED");
    writeFileSync(join(gitDirectory, "packed-refs.lock"), "");
    expect(thrown(() => deleteRef(gitDirectory, "refs/heads/main", second)).code).toBe("REF_LOCKED");
    expect(git(root, "rev-parse", "main")).toBe(second);
    expect(existsSync(join(gitDirectory, "refs/heads/main.lock"))).toBe(false);
  });
});

describe("moving the checked-out branch", () => {
  const move = () => ({ name: "refs/heads/main", expected: second, next: first, reflog, isCheckedOut: true });

  test("is refused when another branch was checked out meanwhile, without a trace", () => {
    git(root, "checkout", "-q", "-b", "other");
    expect(thrown(() => updateRef(gitDirectory, move()))).toMatchObject({
      code: "REF_CHANGED",
      message: expect.stringContaining("HEAD is on refs/heads/other"),
    });
    git(root, "checkout", "-q", "--detach");
    expect(thrown(() => updateRef(gitDirectory, move())).message).toContain("on no branch");
    expect(git(root, "rev-parse", "main")).toBe(second);
    expect(existsSync(join(gitDirectory, "refs/heads/main.lock"))).toBe(false);
  });

  test("keeps git from switching until it is done", () => {
    using prepared = prepareRefUpdate(gitDirectory, move());
    expect(() => git(root, "symbolic-ref", "HEAD", "refs/heads/other")).toThrow(/HEAD\.lock/);
    prepared.commit();
    prepared.release();
    git(root, "symbolic-ref", "HEAD", "refs/heads/other");
  });
});

test("a packed ref is deleted where an empty folder stands in the place of its file", () => {
  git(root, "branch", "b");
  git(root, "pack-refs", "--all");
  mkdirSync(join(gitDirectory, "refs/heads/b/c"), { recursive: true });
  deleteRef(gitDirectory, "refs/heads/b", second);
  expect(git(root, "for-each-ref", "--format=%(refname)")).toBe("refs/heads/main");
  expect(existsSync(join(gitDirectory, "refs/heads/b"))).toBe(false);
});
