/**
 * What every way to a remote must be able to do, through the engine, with system git's word on both repositories
 * afterwards. A way to a remote joins by saying how its address is made and how it is opened.
 */
import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";

import type { Connection } from "../../../src/transport/transport.ts";
import { largeFiles } from "../../helpers/large-files.ts";
import { fsck, git, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";
import { failureOf } from "../../helpers/thrown.ts";
import { heldAfterItsFirstBytes } from "./early-upload.ts";
import { type WireClient, wireClient } from "../../helpers/wire-client.ts";

export type Way = {
  /** The address of a bare repository that lies in this folder of this machine. */
  readonly url: (bare: string) => string;
  readonly connect: (url: string, signal: AbortSignal) => Promise<Connection>;
};

export type SuiteOptions = {
  /** Left out where the server is lull itself, which runs no hooks. */
  readonly runsHooks: boolean;
  /**
   * Of the large transfer, in five files. Default 5; 30 once for each kind of transport, so that every file is too large
   * to be taken in one piece. 200 MB go through the whole program (`test/e2e/large-transfer`).
   */
  readonly megabytes?: number;
};

/** A machine that does other things meanwhile takes five times the usual time. */
const LARGE_TIMEOUT_MS = 180_000;

/** @param way is called within the tests only */
export function functionalSuite(
  name: string,
  way: () => Way,
  { runsHooks, megabytes = 5 }: SuiteOptions,
): void {
  describe(name, () => {
    test("clones an empty repository and makes its first branch", async () => {
      const world = makeWorld(way());
      const { tree, client } = world.clone();
      expect((await client.fetch()).refs.size).toBe(0);
      const one = commit(tree, { "a.txt": "one\n", "sub/b.txt": "two\n" });
      expect(await client.push("refs/heads/main", one)).toMatchObject({ kind: "pushed", objects: 5 });
      expect(await client.push("refs/heads/main", one)).toEqual({ kind: "up-to-date" });
      expect(git(world.bare, "rev-parse", "main")).toBe(one);
      world.check(tree);
    });

    test("clones branches and tags, and then fetches only what is new beside own commits", async () => {
      const world = makeWorld(way());
      const seed = world.seed(20);
      git(seed, "tag", "-a", "-m", "heavy", "heavy");
      git(seed, "branch", "side", "HEAD~3");
      git(seed, "push", "-q", world.bare, "--all");
      git(seed, "push", "-q", world.bare, "--tags");
      git(world.bare, "gc", "-q");
      const { tree, client } = world.clone();
      const first = await client.fetch();
      expect([...first.refs.keys()].sort()).toEqual([
        "refs/heads/main",
        "refs/heads/side",
        "refs/tags/heavy",
      ]);
      expect(first.head).toBe("refs/heads/main");
      expect(await client.fetch()).toMatchObject({ objects: 0, bytes: 0 });
      git(tree, "reset", "-q", "--hard", "origin/main");
      commit(tree, { "own.txt": "not sent\n" });
      const next = commit(seed, { "new.txt": "new\n" });
      git(seed, "push", "-q", world.bare, "main");
      const second = await client.fetch();
      expect(second.objects).toBe(3);
      expect(git(tree, "rev-parse", "origin/main")).toBe(next);
      world.check(tree);
    });

    test("sends what git can read, and is told when somebody else was faster", async () => {
      const world = makeWorld(way());
      const seed = world.seed(3);
      git(seed, "push", "-q", world.bare, "main");
      const { tree, client } = world.clone();
      await client.fetch();
      git(tree, "reset", "-q", "--hard", "origin/main");
      const theirs = commit(seed, { "theirs.txt": "theirs\n" });
      git(seed, "push", "-q", world.bare, "main");
      const ours = commit(tree, { "ours.txt": "ours\n" });
      expect(await client.push("refs/heads/main", ours)).toEqual({ kind: "behind" });
      expect(git(world.bare, "rev-parse", "main")).toBe(theirs);
      await client.fetch();
      git(tree, "merge", "-q", "-m", "merge", "origin/main");
      const merged = git(tree, "rev-parse", "HEAD");
      expect(await client.push("refs/heads/main", merged)).toMatchObject({ kind: "pushed" });
      expect(git(world.bare, "rev-parse", "main")).toBe(merged);
      world.check(tree);
    });

    test("forgets a branch that was deleted there, and makes a new one", async () => {
      const world = makeWorld(way());
      const seed = world.seed(2);
      git(seed, "branch", "old");
      git(seed, "push", "-q", world.bare, "--all");
      const { tree, client } = world.clone();
      await client.fetch();
      git(world.bare, "branch", "-D", "old");
      await client.fetch();
      expect(git(tree, "for-each-ref", "--format=%(refname)")).toBe("refs/remotes/origin/main");
      const tip = git(tree, "rev-parse", "origin/main");
      expect(await client.push("refs/heads/with/slash", tip)).toMatchObject({ kind: "pushed", objects: 0 });
      expect(git(world.bare, "rev-parse", "with/slash")).toBe(tip);
      world.check(tree);
    });

    if (runsHooks) {
      test("repeats what a hook of the server says", async () => {
        const world = makeWorld(way());
        const hook = `${world.bare}/hooks/pre-receive`;
        writeFileSync(hook, "#!/bin/sh\necho 'no commits on a Sunday' >&2\nexit 1\n");
        chmodSync(hook, 0o755);
        const { tree, client } = world.clone();
        const one = commit(tree, { "a.txt": "one\n" });
        const messages: string[] = [];
        const error = await failureOf(client.push("refs/heads/main", one, messages));
        expect(error.code).toBe("FORBIDDEN");
        expect(error.message).toContain("no commits on a Sunday");
        expect(git(world.bare, "for-each-ref")).toBe("");
        expect(git(tree, "for-each-ref", "refs/remotes")).toBe("");
        world.check(tree);
      });
    }

    test("takes 3,000 refs, and names them all when it asks for more", async () => {
      const world = makeWorld(way());
      const seed = world.seed(1);
      const tip = git(seed, "rev-parse", "HEAD");
      const lines = Array.from(
        { length: 3000 },
        (_, index) => `create refs/heads/many/branch-${index} ${tip}\n`,
      );
      gitRaw(seed, ["update-ref", "--stdin"], { input: lines.join("") });
      git(seed, "push", "-q", world.bare, "--all");
      const { tree, client } = world.clone();
      expect((await client.fetch()).refs.size).toBe(3001);
      const next = commit(seed, { "new.txt": "new\n" });
      git(seed, "push", "-q", world.bare, "main");
      expect((await client.fetch()).objects).toBe(3);
      expect(git(tree, "rev-parse", "origin/main")).toBe(next);
      world.check(tree);
    });

    test.each(["it's here", "wow! really", "$(touch pwned) `id`", "näme ☃", 'a "b" \\c', "-dash"])(
      "finds a repository named %s",
      async (odd) => {
        const world = makeWorld(way(), odd);
        const { tree, client } = world.clone();
        const one = commit(tree, { "a.txt": "one\n" });
        expect(await client.push("refs/heads/main", one)).toMatchObject({ kind: "pushed" });
        expect((await client.fetch()).refs.get("refs/heads/main")).toBe(one);
        expect(git(world.bare, "rev-parse", "main")).toBe(one);
        world.check(tree);
      },
    );

    test("says that there is no such repository", async () => {
      const { url, connect } = way();
      const tree = workTree();
      const client = wireClient(tree, url(`${temporaryDirectory()}/missing.git`), undefined, connect);
      expect(["REPO_NOT_FOUND", "OFFLINE"]).toContain((await failureOf(client.fetch())).code);
      commit(tree, { "a.txt": "one\n" });
      const pushed = client.push("refs/heads/main", git(tree, "rev-parse", "HEAD"));
      expect(["REPO_NOT_FOUND", "OFFLINE"]).toContain((await failureOf(pushed)).code);
      fsck(tree);
    });

    test("a push arrives while it is still being read", async () => {
      const world = makeWorld(way());
      git(world.bare, "config", "receive.unpackLimit", "1");
      const { tree } = world.clone();
      git(tree, "config", "core.compression", "0");
      const files = Array.from({ length: 12 }, (_, index) => [`${index + 10}.bin`, noise(1_000_000)]);
      const one = commit(tree, Object.fromEntries(files));
      const held = heldAfterItsFirstBytes(way(), tree, world.bare, "21.bin");
      const client = wireClient(tree, held.url(world.bare), undefined, held.connect);
      expect(await client.push("refs/heads/main", one)).toMatchObject({ kind: "pushed", objects: 14 });
      expect(git(world.bare, "rev-parse", "main")).toBe(one);
      world.check(tree);
    });

    test(
      `moves ${megabytes} MB, most of which do not compress, both ways`,
      async () => {
        const world = makeWorld(way());
        // What comes is kept as it is, and the server looks for no likenesses in it.
        git(world.bare, "config", "receive.unpackLimit", "1");
        git(world.bare, "config", "core.bigFileThreshold", "1m");
        const { tree, client } = world.clone();
        largeFiles(tree, megabytes);
        git(tree, "config", "core.compression", "0");
        const one = commit(tree, {});
        expect(await client.push("refs/heads/main", one)).toMatchObject({ kind: "pushed", objects: 7 });
        const other = world.clone();
        const { bytes, refs } = await other.client.fetch();
        expect(refs.get("refs/heads/main")).toBe(one);
        expect(bytes).toBeGreaterThan(megabytes * 800_000);
        world.check(other.tree);
      },
      LARGE_TIMEOUT_MS,
    );
  });
}

type World = {
  readonly bare: string;
  /** A work tree with so many commits, which system git handles. */
  readonly seed: (commits: number) => string;
  /** A new empty work tree, and the engine's parts on it. */
  readonly clone: (signal?: AbortSignal) => { readonly tree: string; readonly client: WireClient };
  /** Both sides are whole. */
  readonly check: (tree: string) => void;
};

export function makeWorld({ url, connect }: Way, name = "remote"): World {
  const bare = `${temporaryDirectory()}/${name}.git`;
  git("/", "init", "-q", "--bare", "--", bare);
  return {
    bare,
    seed(commits) {
      const tree = workTree();
      for (let index = 0; index < commits; index++)
        commit(tree, { [`dir/file-${index}`]: `${index}\n`.repeat(50) });
      return tree;
    },
    clone(signal) {
      const tree = workTree();
      return { tree, client: wireClient(tree, url(bare), signal, connect) };
    },
    check(tree) {
      fsck(bare);
      fsck(tree);
    },
  };
}

function workTree(): string {
  const tree = temporaryDirectory();
  git(tree, "init", "-q");
  return tree;
}

export function commit(tree: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(`${tree}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    writeFileSync(`${tree}/${path}`, content);
  }
  git(tree, "add", "-A");
  git(tree, "commit", "-q", "--allow-empty", "-m", "change");
  return git(tree, "rev-parse", "HEAD");
}

/** Random bytes; one call gives 64 KB at most. */
export function noise(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
}
