import { describe, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { LullError } from "../../../src/base/errors.ts";
import { ZERO_OID } from "../../../src/git/model.ts";
import { openObjectStore } from "../../../src/git/objects/object-store.ts";
import { packStream } from "../../../src/git/objects/pack-stream.ts";
import { createResponder } from "../../../src/git/serve/responder.ts";
import { objectsToSend } from "../../../src/git/wire/objects-to-send.ts";
import { FLUSH, packet } from "../../../src/git/wire/pkt-line.ts";
import type { ByteStream } from "../../../src/transport/transport.ts";
import { fsck, git, temporaryDirectory } from "../../helpers/system-git.ts";
import { failureOf } from "../../helpers/thrown.ts";
import { wireClient } from "../../helpers/wire-client.ts";

type World = { readonly root: string; readonly bare: string; readonly tree: string; readonly tip: string };

function setUp(): World {
  const root = temporaryDirectory();
  const bare = `${root}/remote.git`;
  const tree = `${root}/work`;
  git(root, "init", "-q", "--bare", bare);
  git(root, "init", "-q", tree);
  writeFileSync(`${tree}/a`, "a\n");
  git(tree, "add", "a");
  git(tree, "commit", "-q", "-m", "one");
  return { root, bare, tree, tip: git(tree, "rev-parse", "HEAD") };
}

function next(tree: string): string {
  appendFileSync(`${tree}/a`, "more\n");
  git(tree, "commit", "-q", "-a", "-m", "next");
  return git(tree, "rev-parse", "HEAD");
}

async function text(stream: ByteStream): Promise<string> {
  let all = "";
  for await (const chunk of stream) all += Buffer.from(chunk).toString("latin1");
  return all;
}

async function* bytes(...chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

/** Sends commands as they are, with a pack of what the commits reach, and returns the report. */
async function rawPush(
  world: World,
  commands: readonly (readonly [string, string, string])[],
  capabilities = "report-status",
): Promise<string> {
  const store = openObjectStore(`${world.tree}/.git`);
  const tips = commands.map(([, after]) => after).filter((oid) => oid !== ZERO_OID);
  async function* request(): AsyncGenerator<Uint8Array> {
    for (const [index, [before, after, ref]] of commands.entries()) {
      yield packet(`${before} ${after} ${ref}${index === 0 ? `\0${capabilities}` : ""}`);
    }
    yield FLUSH;
    if (tips.length > 0) yield* packStream(store, objectsToSend(store, { wants: tips, haves: [] }).oids);
  }
  try {
    return await text(await createResponder(world.bare).respond("git-receive-pack", request()));
  } finally {
    store.close();
  }
}

function code(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof LullError) return error.code;
    throw error;
  }
  return "none";
}

describe("a repository that can not be served", () => {
  test.each([
    ["sha256", (_: World, path: string) => git(path, "init", "-q", "--bare", "--object-format=sha256", path)],
    ["reftable", (_: World, path: string) => format(path, "extensions.refstorage", "reftable")],
    ["an unknown extension", (_: World, path: string) => format(path, "extensions.future", "yes")],
    ["a newer format version", (_: World, path: string) => format(path, "core.repositoryformatversion", "2")],
    [
      "borrowed objects",
      ({ bare }: World, path: string) => git(path, "clone", "-q", "--bare", "--shared", bare, "."),
    ],
    [
      "a shallow history",
      (_: World, path: string) => (
        format(path, "core.x", "y"),
        writeFileSync(`${path}/shallow`, `${"a".repeat(40)}\n`)
      ),
    ],
    ["a linked .git", (_: World, path: string) => writeFileSync(`${path}/.git`, "gitdir: /elsewhere\n")],
    ["a symlinked .git", ({ bare }: World, path: string) => symlinkSync(bare, `${path}/.git`)],
  ])("because of %s is refused before any write", (_, make) => {
    const world = setUp();
    const path = `${world.root}/strange`;
    mkdirSync(path);
    make(world, path);
    const before = snapshot(path);
    expect(code(() => createResponder(path))).toBe("UNSUPPORTED");
    expect(snapshot(path)).toEqual(before);
  });

  test("because there is none is not found", () => {
    const { root } = setUp();
    expect(code(() => createResponder(root))).toBe("REPO_NOT_FOUND");
    expect(code(() => createResponder(`${root}/missing`))).toBe("REPO_NOT_FOUND");
  });

  function format(path: string, key: string, value: string): void {
    git(path, "init", "-q", "--bare", path);
    const dot = key.indexOf(".");
    appendFileSync(`${path}/config`, `[${key.slice(0, dot)}]\n\t${key.slice(dot + 1)} = ${value}\n[core]\n`);
    if (!key.includes("version")) appendFileSync(`${path}/config`, "\trepositoryformatversion = 1\n");
  }

  function snapshot(path: string): string[] {
    return readdirSync(path, { recursive: true }).map(String).sort();
  }
});

describe("receive-pack", () => {
  test("refuses the branch that a work tree is on, and takes the others", async () => {
    const { root, tree, tip } = setUp();
    const target = `${root}/target`;
    git(root, "init", "-q", target);
    const client = wireClient(tree, target);
    expect((await failureOf(client.push("refs/heads/main", tip))).code).toBe("FORBIDDEN");
    expect(git(target, "for-each-ref")).toBe("");
    expect(await client.push("refs/heads/other", tip)).toMatchObject({ kind: "pushed" });
    // A repository with a work tree keeps logs.
    expect(readFileSync(`${target}/.git/logs/refs/heads/other`, "utf8")).toContain(
      `${ZERO_OID} ${tip} lull <lull@localhost>`,
    );
    git(target, "worktree", "add", "-q", `${root}/linked`, "other");
    expect((await failureOf(client.push("refs/heads/other", next(tree)))).code).toBe("FORBIDDEN");
    fsck(target);
  });

  test("honours denyNonFastForwards and denyDeletes, and keeps HEAD's branch", async () => {
    const world = setUp();
    const { bare, tree, tip } = world;
    await wireClient(tree, bare).push("refs/heads/main", tip);
    const second = next(tree);
    await wireClient(tree, bare).push("refs/heads/main", second);
    git(bare, "branch", "side", tip);
    git(bare, "config", "receive.denyNonFastForwards", "true");
    expect(await rawPush(world, [[second, tip, "refs/heads/main"]])).toContain(
      "ng refs/heads/main non-fast-forward",
    );
    expect(await rawPush(world, [[second, ZERO_OID, "refs/heads/main"]])).toContain(
      "deletion of the current branch",
    );
    git(bare, "config", "receive.denyDeletes", "true");
    expect(await rawPush(world, [[tip, ZERO_OID, "refs/heads/side"]])).toContain("deletion prohibited");
    git(bare, "config", "--unset", "receive.denyDeletes");
    git(bare, "config", "--unset", "receive.denyNonFastForwards");
    expect(await rawPush(world, [[tip, ZERO_OID, "refs/heads/side"]])).toBe(
      "000eunpack ok\n0017ok refs/heads/side\n0000",
    );
    expect(await rawPush(world, [[second, tip, "refs/heads/main"]])).toContain("ok refs/heads/main");
    expect(git(bare, "for-each-ref", "--format=%(refname) %(objectname)")).toBe(`refs/heads/main ${tip}`);
  });

  test("moves each ref only from where the pusher saw it, and says why for each", async () => {
    const world = setUp();
    const { bare, tree, tip } = world;
    const blob = git(tree, "rev-parse", "HEAD:a");
    git(tree, "tag", "-a", "-m", "t", "v1", blob);
    const report = await rawPush(
      world,
      [
        [ZERO_OID, tip, "refs/heads/ok"],
        [tip, tip, "refs/heads/stale"],
        [ZERO_OID, tip, "refs/heads/../../config"],
        [ZERO_OID, tip, "HEAD"],
        [ZERO_OID, tip, "refs/heads/ok/below"],
        [ZERO_OID, blob, "refs/heads/blob"],
        [ZERO_OID, git(tree, "rev-parse", "v1"), "refs/tags/v1"],
        [tip, ZERO_OID, "refs/heads/gone"],
      ],
      "report-status side-band-64k",
    );
    for (const line of [
      "ok refs/heads/ok\n",
      "ng refs/heads/stale fetch first\n",
      "ng refs/heads/../../config funny refname\n",
      "ng HEAD funny refname\n",
      "ng refs/heads/blob a branch must be a commit\n",
      "ok refs/tags/v1\n",
      "ng refs/heads/gone fetch first\n",
    ]) {
      expect(report).toContain(line);
    }
    expect(report).toMatch(/ng refs\/heads\/ok\/below cannot create .* refs\/heads\/ok exists/);
    expect(git(bare, "for-each-ref", "--format=%(refname)")).toBe("refs/heads/ok\nrefs/tags/v1");
    fsck(bare);
  });

  test("lets no ref move above a hole, and stores nothing that is no pack", async () => {
    const world = setUp();
    const { bare, tree } = world;
    const tip = next(tree);
    const store = openObjectStore(`${tree}/.git`);
    const { oids } = objectsToSend(store, { wants: [tip], haves: [] });
    const missingOne = oids.filter((oid) => oid !== git(tree, "rev-parse", "HEAD~1:a"));
    const command = Buffer.concat([packet(`${ZERO_OID} ${tip} refs/heads/main\0report-status`), FLUSH]);
    const answer = async (pack: AsyncIterable<Uint8Array>): Promise<string> => {
      async function* request(): AsyncGenerator<Uint8Array> {
        yield command;
        yield* pack;
      }
      return text(await createResponder(bare).respond("git-receive-pack", request()));
    };
    expect(await answer(packStream(store, missingOne))).toContain(
      "ng refs/heads/main missing necessary objects",
    );
    const whole = Buffer.from(await text(packStream(store, oids)), "latin1");
    const damaged = Buffer.from(whole);
    damaged[whole.length - 30] = (damaged[whole.length - 30] ?? 0) ^ 1;
    expect(await answer(bytes(damaged))).toMatch(/unpack push to .*ng refs\/heads\/main unpacker error/s);
    const cut = await failureOf(answer(bytes(whole.subarray(0, whole.length - 50))));
    expect(cut.code).toBe("TRUNCATED");
    expect(git(bare, "for-each-ref")).toBe("");
    expect(readdirSync(`${bare}/lull/tmp`)).toEqual([]);
    store.close();
  });

  test("refuses a request that is none", async () => {
    const { bare } = setUp();
    const ask = async (...lines: readonly Uint8Array[]) =>
      text(await createResponder(bare).respond("git-receive-pack", bytes(...lines)));
    expect(await ask(FLUSH)).toBe("");
    expect(await ask()).toBe("");
    expect((await failureOf(ask(packet("push-cert\n")))).code).toBe("REMOTE_ERROR");
    expect((await failureOf(ask(Buffer.from("0001")))).code).toBe("REMOTE_ERROR");
  });
});

describe("upload-pack", () => {
  test("gives out what it has shown and nothing else", async () => {
    const { bare, tree, tip } = setUp();
    await wireClient(tree, bare).push("refs/heads/main", tip);
    const responder = createResponder(bare);
    const ask = async (...lines: readonly (string | Uint8Array)[]) =>
      text(
        await responder.respond(
          "git-upload-pack",
          bytes(...lines.map((line) => (typeof line === "string" ? packet(line) : line))),
        ),
      );
    expect(await ask(`want ${tip}\n`, FLUSH, "done\n")).toContain("ERR upload-pack: not our ref");
    await text(await responder.advertise("git-upload-pack", 2));
    expect(await ask(`want ${tip}\n`, FLUSH, "done\n")).toStartWith("0008NAK\n");
    expect(await ask(`want ${tip}\n`, FLUSH, `have ${tip}\n`, "done\n")).toStartWith(`0031ACK ${tip}\n`);
    expect(await ask(FLUSH)).toBe("");
    expect((await failureOf(ask("deepen 1\n", FLUSH))).code).toBe("REMOTE_ERROR");
  });

  test("shows the branch of an empty repository, and a damaged ref does not hide the others", async () => {
    const { bare, tree, tip } = setUp();
    git(bare, "symbolic-ref", "HEAD", "refs/heads/trunk");
    const client = wireClient(tree, bare);
    expect(await client.fetch()).toMatchObject({ head: "refs/heads/trunk", refs: new Map() });
    await client.push("refs/heads/main", tip);
    writeFileSync(`${bare}/refs/heads/broken`, "");
    writeFileSync(`${bare}/refs/tags/dangling`, `${"e".repeat(40)}\n`);
    const { refs, head } = await client.fetch();
    expect(refs.get("refs/heads/main")).toBe(tip);
    expect(refs.has("refs/heads/broken")).toBe(false);
    expect(head).toBe("refs/heads/trunk");
    writeFileSync(`${bare}/HEAD`, `${tip}\n`);
    expect((await client.fetch()).head).toBeUndefined();
  });

  test("is understood while git packs everything anew", async () => {
    const { bare, tree, root } = setUp();
    for (let index = 0; index < 5; index++) await wireClient(tree, bare).push("refs/heads/main", next(tree));
    const other = `${root}/other`;
    git(root, "init", "-q", other);
    const client = wireClient(other, bare);
    await client.fetch();
    const tip = next(tree);
    await wireClient(tree, bare).push("refs/heads/main", tip);
    git(bare, "gc", "-q", "--prune=now");
    await client.fetch();
    expect(git(other, "rev-parse", "origin/main")).toBe(tip);
    fsck(other);
  });
});

describe("several processes at once", () => {
  const helper = join(import.meta.dir, "pusher.ts");

  function run(command: string, args: readonly string[], cwd: string): Promise<string> {
    return new Promise((resolve) => {
      const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
      let output = "";
      child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
      child.on("close", (status) => resolve(status === 0 ? "" : `${status}: ${output}`));
    });
  }

  test("lose no commit, together with system git and its pack-refs", async () => {
    const { root, bare, tree, tip } = setUp();
    await wireClient(tree, bare).push("refs/heads/main", tip);
    const rounds = 4;
    const clone = (name: string): string => {
      git(root, "clone", "-q", bare, name);
      return `${root}/${name}`;
    };
    const ours = ["p1", "p2", "p3", "p4"].map((name) =>
      run(process.execPath, [helper, clone(name), bare, name, String(rounds)], root),
    );
    const script = `for i in 0 1 2 3; do echo $i > git-$i; git add -A; git commit -q -m "git $i";
      until git push -q origin HEAD:main 2>/dev/null; do git pull -q --no-rebase --no-edit origin main || exit 9; done; git -C ${bare} pack-refs --all; done`;
    const theirs = clone("system");
    git(theirs, "config", "user.name", "G");
    git(theirs, "config", "user.email", "g@example.com");
    expect(await Promise.all([...ours, run("sh", ["-c", script], theirs)])).toEqual(["", "", "", "", ""]);
    const files = git(bare, "ls-tree", "-r", "--name-only", "main").split("\n");
    expect(files.length).toBe(1 + 4 * rounds + 4);
    fsck(bare);
    expect(readdirSync(`${bare}/refs/heads`).filter((name) => name.endsWith(".lock"))).toEqual([]);
  }, 120_000);

  test("that are killed amid a push move no ref and leave only temporary files of ours", async () => {
    const { root, bare, tree } = setUp();
    for (let index = 0; index < 3; index++)
      writeFileSync(`${tree}/big${index}`, Buffer.from(crypto.getRandomValues(new Uint8Array(60_000))));
    let killed = 0;
    for (const delay of [0, 1, 2, 4, 8, 16]) {
      const child = spawn(process.execPath, [helper, tree, bare, `k${delay}`, "1"], {
        cwd: root,
        stdio: "ignore",
      });
      const tmp = `${bare}/lull/tmp`;
      const seen = existsSync(tmp) ? readdirSync(tmp).length : 0;
      await new Promise<void>((resolve) => {
        child.on("close", (_status, signal) => {
          if (signal === "SIGKILL") killed++;
          resolve();
        });
        const watch = setInterval(() => {
          const started = existsSync(tmp) && readdirSync(tmp).length > seen;
          if (!started) return;
          clearInterval(watch);
          setTimeout(() => child.kill("SIGKILL"), delay);
        }, 1);
        child.on("close", () => clearInterval(watch));
      });
      fsck(bare);
      rmSync(`${tree}/.git/index.lock`, { force: true });
      const tip = git(bare, "for-each-ref", "--format=%(objectname)", "refs/heads/main");
      // Either nothing happened or everything did.
      if (tip !== "") git(bare, "rev-list", "--objects", tip);
    }
    expect(killed).toBeGreaterThan(0);
    expect(readdirSync(`${bare}/objects`).filter((name) => name.startsWith("tmp"))).toEqual([]);
    const tip = git(tree, "rev-parse", "HEAD");
    rmSync(`${bare}/refs/heads/main.lock`, { force: true });
    await wireClient(tree, bare).push("refs/heads/main", tip);
    expect(git(bare, "rev-parse", "main")).toBe(tip);
    fsck(bare);
  }, 120_000);
});
