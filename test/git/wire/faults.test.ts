/** Whatever breaks amid a fetch or push: the right error, no ref moved, nothing left in the object store, and the next try works. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";

import type { Fault, GitServer } from "../../helpers/git-http-server.ts";
import { createBareRepository, startGitServer } from "../../helpers/git-http-server.ts";
import { fsck, git, temporaryDirectory } from "../../helpers/system-git.ts";
import { failureOf } from "../../helpers/thrown.ts";
import { wireClient } from "../../helpers/wire-client.ts";

let server: GitServer;
let root: string;
let bare: string;
let url: string;
let count = 0;

beforeAll(async () => {
  root = temporaryDirectory();
  server = await startGitServer(root);
  bare = createBareRepository(root, "remote.git");
  url = server.repository("remote.git");
  const seed = `${root}/seed`;
  git(root, "init", "-q", seed);
  for (let index = 0; index < 25; index++) {
    mkdirSync(`${seed}/d${index % 4}`, { recursive: true });
    writeFileSync(`${seed}/d${index % 4}/f${index}`, `${index} ${"line\n".repeat(200)}`);
    git(seed, "add", "-A");
    git(seed, "commit", "-q", "-m", `c${index}`);
    git(seed, "branch", `b${index}`);
  }
  git(seed, "push", "-q", bare, "--all");
});
beforeEach(() => server.clear());
afterAll(() => server.stop());

function emptyTree(): string {
  const directory = `${root}/work-${count++}`;
  git(root, "init", "-q", directory);
  return directory;
}

/** Objects, packs and leftovers below `.git`, refs aside. */
function stored(tree: string): string[] {
  const found: string[] = [];
  for (const folder of ["objects", "objects/pack", "lull/tmp"]) {
    if (!existsSync(`${tree}/.git/${folder}`)) continue;
    for (const name of readdirSync(`${tree}/.git/${folder}`))
      if (name !== "pack" && name !== "info") found.push(`${folder}/${name}`);
  }
  return found;
}

const inPost = (fault: Fault) => (request: { readonly method: string; readonly index: number }) =>
  request.method === "POST" ? fault : undefined;
/** In version 2 the first POST lists the refs and the second one fetches. */
const inFetch = (fault: Fault) => (request: { readonly index: number }) =>
  request.index === 2 ? fault : undefined;

/** Offsets from the first byte to beyond the middle of an answer of about 9 KB. */
const CUTS = [0, 1, 5, 12, 40, 100, 900, 2500, 4000, 7000];

describe.each([2, 0] as const)("a fetch in protocol version %d", (protocol) => {
  beforeEach(() => {
    server.protocol = protocol;
  });
  const last = (fault: Fault) => (protocol === 2 ? inFetch(fault) : inPost(fault));

  async function failsCleanly(fault: GitServer["fault"], codes: readonly string[]): Promise<string> {
    server.clear();
    server.fault = fault;
    const tree = emptyTree();
    const client = wireClient(tree, url);
    const error = await failureOf(client.fetch());
    expect(codes).toContain(error.code);
    expect(git(tree, "for-each-ref")).toBe("");
    expect(stored(tree)).toEqual([]);
    server.clear();
    expect((await client.fetch()).refs.size).toBe(26);
    fsck(tree);
    return error.message;
  }

  test.each(CUTS.map((after) => [after]))(
    "survives a connection that is cut after %d bytes of the pack's answer",
    async (after) => {
      await failsCleanly(last({ kind: "cut", after, reset: after % 2 === 1 }), ["TRUNCATED", "NETWORK"]);
    },
  );

  test.each(CUTS.map((after) => [after]))(
    "survives an answer that ends properly after %d bytes",
    async (after) => {
      await failsCleanly(last({ kind: "shorten", after }), ["TRUNCATED"]);
    },
  );

  test.each([0, 1, 5, 12, 40, 100].map((after) => [after]))(
    "survives a list of refs that is cut or ends after %d bytes",
    async (after) => {
      const codes = ["TRUNCATED", "REMOTE_ERROR"];
      await failsCleanly(({ method }) => (method === "GET" ? { kind: "shorten", after } : undefined), codes);
      if (protocol === 0) return;
      await failsCleanly(
        ({ index }) => (index === 1 ? { kind: "cut", after } : undefined),
        ["TRUNCATED", "NETWORK"],
      );
      await failsCleanly(({ index }) => (index === 1 ? { kind: "shorten", after } : undefined), codes);
    },
  );

  test.each([60, 200, 1000, 3000, 5000, 6500].map((at) => [at]))(
    "finds a byte that was changed at %d",
    async (at) => {
      await failsCleanly(last({ kind: "flip", at }), ["BAD_PACK", "TRUNCATED", "REMOTE_ERROR"]);
    },
  );

  test("hears the server's error beside and instead of the pack", async () => {
    // Behind the first packets: `packfile`/`NAK` and a full packet of data would be too much to count here.
    const ways: readonly Fault[] = [
      { kind: "replace", after: protocol === 2 ? 13 : 8, body: "0012\u0003out of disk\n0000" },
      { kind: "replace", after: 0, body: "0012ERR no access\n" },
    ];
    for (const fault of ways) {
      expect(await failsCleanly(last(fault), ["REMOTE_ERROR"])).toMatch(/out of disk|no access/);
    }
  });

  test("takes neither an empty answer nor a web page for a pack", async () => {
    const type = { "content-type": "application/x-git-upload-pack-result" };
    await failsCleanly(last({ kind: "answer", status: 200, headers: type, body: "" }), ["TRUNCATED"]);
    await failsCleanly(
      last({ kind: "answer", status: 200, headers: { "content-type": "text/html" }, body: "<p>hi" }),
      ["REMOTE_ERROR"],
    );
    await failsCleanly(last({ kind: "answer", status: 502 }), ["REMOTE_ERROR"]);
    await failsCleanly(last({ kind: "answer", status: 429, headers: { "retry-after": "5" } }), [
      "RATE_LIMITED",
    ]);
  });

  test("leaves nothing behind when it is cancelled amid the pack", async () => {
    const tree = emptyTree();
    const controller = new AbortController();
    server.fault = last({ kind: "stall-after", after: 3000 });
    const waiting = failureOf(wireClient(tree, url, controller.signal).fetch());
    // In version 0 nothing is complete before the first 8 KB, so that nothing is stored yet.
    const isAtIt = () => (protocol === 2 ? stored(tree).length > 0 : server.requests.length === 2);
    while (!isAtIt()) await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    expect((await waiting).code).toBe("INTERRUPTED");
    expect(stored(tree)).toEqual([]);
    expect(git(tree, "for-each-ref")).toBe("");
  });

  test("brings an object back that a leftover lacks below it", async () => {
    const tree = emptyTree();
    // A commit of the remote without its tree and parents, as an interrupted copy leaves it.
    const raw = git(bare, "cat-file", "commit", "main");
    writeFileSync(`${tree}/commit`, `${raw}\n`);
    expect(git(tree, "hash-object", "-w", "-t", "commit", "commit")).toBe(git(bare, "rev-parse", "main"));
    await wireClient(tree, url).fetch();
    expect(git(tree, "rev-parse", "origin/main")).toBe(git(bare, "rev-parse", "main"));
    git(tree, "rev-list", "--objects", "origin/main");
  });
});

describe("a push", () => {
  function setUp(): { tree: string; tip: string; target: string; address: string } {
    const name = `push-${count++}.git`;
    const target = createBareRepository(root, name);
    const tree = emptyTree();
    for (const [index, text] of ["one\n", "two\n"].entries()) {
      writeFileSync(`${tree}/file${index}`, text.repeat(3000));
      git(tree, "add", "-A");
      git(tree, "commit", "-q", "-m", text.trim());
    }
    return { tree, target, tip: git(tree, "rev-parse", "HEAD"), address: server.repository(name) };
  }

  test.each([
    [{ kind: "lose-answer" }],
    [{ kind: "cut", after: 0 }],
    [{ kind: "cut", after: 6 }],
    [{ kind: "cut", after: 30, reset: true }],
    [{ kind: "shorten", after: 0 }],
    [{ kind: "shorten", after: 9 }],
    [{ kind: "shorten", after: 25 }],
    [{ kind: "shorten", after: 47 }],
  ] as readonly (readonly [Fault])[])(
    "whose answer is lost (%j) is TRUNCATED, and the next one finds it done",
    async (fault) => {
      const { tree, tip, target, address } = setUp();
      server.fault = inPost(fault);
      const client = wireClient(tree, address);
      expect((await failureOf(client.push("refs/heads/main", tip))).code).toBe("TRUNCATED");
      expect(git(tree, "for-each-ref", "refs/remotes")).toBe("");
      server.clear();
      expect(await client.push("refs/heads/main", tip)).toEqual({ kind: "up-to-date" });
      expect(git(tree, "rev-parse", "origin/main")).toBe(tip);
      fsck(target);
    },
  );

  test("that a hook refuses is FORBIDDEN with the hook's own words", async () => {
    const { tree, tip, target, address } = setUp();
    writeFileSync(
      `${target}/hooks/pre-receive`,
      "#!/bin/sh\nprintf 'no pushes\\033[31m on Sundays\\n' >&2\nexit 1\n",
    );
    chmodSync(`${target}/hooks/pre-receive`, 0o755);
    const messages: string[] = [];
    const error = await failureOf(wireClient(tree, address).push("refs/heads/main", tip, messages));
    expect(error).toMatchObject({ code: "FORBIDDEN", kind: "auth" });
    expect(error.message).toContain("hook declined; no pushes\\x1b[31m on Sundays");
    expect(messages).toEqual(["no pushes\\x1b[31m on Sundays"]);
    expect(git(target, "for-each-ref")).toBe("");
  });

  test("that loses the race between the list and the move is behind", async () => {
    const { tree, tip, target, address } = setUp();
    const client = wireClient(tree, address);
    await client.push("refs/heads/main", git(tree, "rev-parse", "HEAD~1"));
    const other = git(tree, "commit-tree", "-p", "HEAD~1", "-m", "theirs", "HEAD^{tree}");
    git(tree, "push", "-q", target, `${other}:refs/heads/side`);
    server.fault = ({ method }) => {
      if (method === "POST") git(target, "update-ref", "refs/heads/main", other);
      return undefined;
    };
    expect(await client.push("refs/heads/main", tip)).toEqual({ kind: "behind" });
    expect(git(target, "rev-parse", "main")).toBe(other);
    fsck(target);
  });

  test("while somebody holds the branch's lock is behind", async () => {
    const { tree, tip, target, address } = setUp();
    mkdirSync(`${target}/refs/heads`, { recursive: true });
    writeFileSync(`${target}/refs/heads/main.lock`, "");
    expect(await wireClient(tree, address).push("refs/heads/main", tip)).toEqual({ kind: "behind" });
    expect(await wireClient(tree, target).push("refs/heads/main", tip)).toEqual({ kind: "behind" });
  });

  test("of objects that are damaged here is refused before the remote stores anything", async () => {
    const { tree, tip, target, address } = setUp();
    const blob = git(tree, "rev-parse", "HEAD:file1");
    const path = `${tree}/.git/objects/${blob.slice(0, 2)}/${blob.slice(2)}`;
    chmodSync(path, 0o644);
    writeFileSync(path, "damaged");
    for (const way of [address, target]) {
      expect((await failureOf(wireClient(tree, way).push("refs/heads/main", tip))).code).toBe(
        "OBJECT_CORRUPT",
      );
      expect(git(target, "for-each-ref")).toBe("");
      expect(git(target, "count-objects", "-v")).toContain("in-pack: 0");
    }
  });

  test("to a server that can not report is refused before anything is sent", async () => {
    const { tree, tip, address } = setUp();
    const headers = { "content-type": "application/x-git-receive-pack-advertisement" };
    const line = `${"0".repeat(40)} capabilities^{}\0ofs-delta\n`;
    const body = `001f# service=git-receive-pack\n0000${(line.length + 4).toString(16).padStart(4, "0")}${line}0000`;
    server.fault = () => ({ kind: "answer", status: 200, headers, body });
    expect((await failureOf(wireClient(tree, address).push("refs/heads/main", tip))).code).toBe(
      "UNSUPPORTED",
    );
  });

  test.each([
    [
      "unpack index-pack failed\n",
      "ng refs/heads/main unpacker error\n",
      "REMOTE_ERROR",
      "index-pack failed",
    ],
    ["unpack ok\n", "ok refs/heads/other\n", "REMOTE_ERROR", "does not say"],
  ])("report %j %j is %s", async (unpack, status, code, words) => {
    const { tree, tip, address } = setUp();
    const pkt = (text: string): string => (text.length + 4).toString(16).padStart(4, "0") + text;
    const report = `${pkt(unpack)}${pkt(status)}0000`;
    const headers = { "content-type": "application/x-git-receive-pack-result" };
    server.fault = inPost({ kind: "answer", status: 200, headers, body: `${pkt(`\u0001${report}`)}0000` });
    const error = await failureOf(wireClient(tree, address).push("refs/heads/main", tip));
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
  });
});
