/** Sync over HTTP with real `git http-backend`: tokens, refusals, cuts, and where a secret must never turn up. */
import { afterAll, beforeEach, expect, test } from "bun:test";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

import { cli, type CliResult } from "../helpers/cli-runner.ts";
import { type Device, expectConverged, makeDevice } from "../helpers/device.ts";
import { createBareRepository, type Fault, startGitServer } from "../helpers/git-http-server.ts";
import { fsck, git, temporaryDirectory } from "../helpers/system-git.ts";

const TOKEN = "canary-5f1d9c-token";
const root = temporaryDirectory();
const server = await startGitServer(root);
afterAll(() => server.stop());

beforeEach(() => {
  server.clear();
  server.token = undefined;
});

let repositories = 0;

type Served = { readonly url: string; readonly directory: string };

function serve(): Served {
  const name = `notes-${repositories++}.git`;
  return { directory: createBareRepository(root, name), url: server.repository(name) };
}

/** A device that has synced `a.md` to a served repository. */
async function synced(env: Readonly<Record<string, string>> = {}): Promise<{ laptop: Device } & Served> {
  const served = serve();
  const laptop = makeDevice("laptop", env);
  laptop.write("a.md", "one\n");
  await laptop.lull(["add", "notes", "--remote", served.url]);
  await laptop.lull(["sync"]);
  return { laptop, ...served };
}

/** All that lull said; a failed run is told on stdout, an error before it on stderr. */
const said = (result: CliResult): string => result.stdout + result.stderr;

/** No text and no file of the device or the remote holds the secret, plain or as it goes over the wire. */
function expectNoSecret(secret: string, device: Device, texts: readonly string[] = []): void {
  // Wherever the secret starts in the encoded text, one of three shifts of its middle is in it.
  const encoded = [0, 1, 2].map((shift) =>
    Buffer.from(secret.slice(shift, shift + 3 * Math.floor((secret.length - shift) / 3))).toString("base64"),
  );
  const forms = [secret, ...encoded];
  for (const text of texts) for (const form of forms) expect(text).not.toContain(form);
  for (const folder of [dirname(device.home), root]) {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const content = readFileSync(join(entry.parentPath, entry.name));
      const found = forms.find((form) => content.includes(form));
      if (found !== undefined) throw new Error(`${entry.parentPath}/${entry.name} holds the secret`);
    }
  }
}

/** Breaks the first request that fits. */
/** A server that is not known is asked first where it is and what it can do. */
function forgetServers({ home }: Device): void {
  rmSync(join(home, ".local/state/lull/servers.json"));
}

function once(service: string, method: string, fault: Fault): void {
  let done = false;
  server.fault = (request) => {
    if (done || request.service !== service || request.method !== method) return undefined;
    done = true;
    return fault;
  };
}

for (const variable of ["LULL_TOKEN", "LULL_TOKEN_127_0_0_1"]) {
  test(`two devices sync with a token from ${variable}, which is stored nowhere`, async () => {
    server.token = TOKEN;
    const { laptop, url, directory } = await synced({ [variable]: TOKEN });
    const desktop = makeDevice("desktop", { [variable]: TOKEN });
    await desktop.lull(["add", "notes", "--remote", url]);
    await desktop.lull(["sync"]);
    desktop.write("b.md", "two\n");
    const sent = await desktop.lull(["sync", "--verbose"]);
    const received = await laptop.lull(["sync", "--verbose"]);
    expectConverged([laptop, desktop], [directory]);
    expect(laptop.read("b.md")).toBe("two\n");
    expectNoSecret(TOKEN, laptop, [said(sent), said(received)]);
    expectNoSecret(TOKEN, desktop);
  });
}

test("a wrong token ends with exit code 4, says what to do and turns up nowhere", async () => {
  const { laptop, directory } = await synced({ LULL_TOKEN: TOKEN });
  server.token = "another";
  laptop.write("a.md", "two\n");
  const texts: string[] = [];
  for (const args of [["sync"], ["sync", "--verbose"], ["sync", "--json"]]) {
    const failed = await laptop.lull(args, 4);
    texts.push(said(failed));
    expect(said(failed)).toContain("refused the token");
    expect(said(failed)).toContain("LULL_TOKEN");
  }
  for (const args of [["status"], ["log"], ["list"], ["status", "--json"], ["log", "--json"]]) {
    texts.push(said(await laptop.lull(args)));
  }
  expectNoSecret(TOKEN, laptop, texts);
  expect(git(laptop.notes, "log", "-1", "--format=%s")).toContain("a.md");
  expect(git(directory, "show", "main:a.md")).toBe("one");
  server.token = undefined;
  await laptop.lull(["sync"]);
  expectConverged([laptop], [directory]);
});

test("a private repository without a token ends with exit code 4 and names the variable", async () => {
  const { laptop } = await synced();
  server.token = TOKEN;
  const { code, json } = await laptop.json(["sync"]);
  expect(code).toBe(4);
  expect(json).toMatchObject({ runs: [{ outcome: "failed", error: { kind: "auth", code: "AUTH" } }] });
  const failed = await laptop.lull(["sync"], 4);
  expect(said(failed)).toContain("no token was given");
  expect(said(failed)).toContain("LULL_TOKEN");
});

const ANSWERS: readonly {
  readonly what: string;
  readonly answer: Omit<Fault & { kind: "answer" }, "kind">;
  readonly code: number;
  readonly error: string;
  readonly words: readonly string[];
}[] = [
  { what: "403", answer: { status: 403 }, code: 4, error: "FORBIDDEN", words: ["refuses access", "Hint:"] },
  { what: "404", answer: { status: 404 }, code: 1, error: "REPO_NOT_FOUND", words: ["no such repository"] },
  {
    what: "429 with Retry-After",
    answer: { status: 429, headers: { "retry-after": "120" } },
    code: 3,
    error: "RATE_LIMITED",
    words: ["asks to wait 2", "429"],
  },
  { what: "503", answer: { status: 503 }, code: 3, error: "RATE_LIMITED", words: ["503"] },
  {
    what: "a web page with status 200",
    answer: { status: 200, headers: { "content-type": "text/html" }, body: "<html>Please log in</html>" },
    code: 1,
    error: "REPO_NOT_FOUND",
    words: ["a web page instead of a git repository"],
  },
];

for (const { what, answer, code, error, words } of ANSWERS) {
  test(`${what} becomes a clear error, and the next sync carries on`, async () => {
    const { laptop, directory } = await synced();
    laptop.write("a.md", "two\n");
    server.fault = () => ({ kind: "answer", ...answer });
    const failed = await laptop.json(["sync"]);
    expect(failed.code).toBe(code);
    expect(failed.json).toMatchObject({ runs: [{ outcome: "failed", error: { code: error } }] });
    const text = said(await laptop.lull(["sync"], code));
    for (const word of words) expect(text).toContain(word);
    expect(text).not.toContain("<html>");
    server.fault = undefined;
    await laptop.lull(["sync"]);
    expectConverged([laptop], [directory]);
  });
}

test("a redirect to another server is not followed, and the token stays here", async () => {
  const thief = await startGitServer(root);
  try {
    server.token = TOKEN;
    const { laptop, url } = await synced({ LULL_TOKEN: TOKEN });
    const path = new URL(url).pathname;
    server.fault = (request) => ({
      kind: "answer",
      status: 302,
      headers: { location: `${thief.url}${request.url}` },
    });
    const failed = await laptop.lull(["sync"], 1);
    expect(said(failed)).toContain(`${thief.url}${path}`);
    expect(said(failed)).toContain("another server");
    expect(thief.requests).toEqual([]);
    expectNoSecret(TOKEN, laptop, [said(failed)]);
  } finally {
    await thief.stop();
  }
});

test("a redirect within the server is followed", async () => {
  const { laptop, url, directory } = await synced();
  const path = new URL(url).pathname;
  await laptop.lull(["config", "set", "sources.notes.remote", `${server.url}/old/name.git`]);
  server.fault = (request) =>
    request.url.startsWith("/old/name.git")
      ? { kind: "answer", status: 301, headers: { location: request.url.replace("/old/name.git", path) } }
      : undefined;
  laptop.write("a.md", "two\n");
  await laptop.lull(["sync"]);
  expectConverged([laptop], [directory]);
});

for (const [after, reset] of [
  [0, false],
  [40, true],
  [3000, false],
  [40_000, true],
] as const) {
  test(`a fetch that is cut after ${after} bytes${reset ? " by a reset" : ""} changes nothing`, async () => {
    const { laptop, url, directory } = await synced();
    const desktop = makeDevice("desktop");
    await desktop.lull(["add", "notes", "--remote", url]);
    await desktop.lull(["sync"]);
    laptop.write("big.bin", noise(90_000));
    await laptop.lull(["sync"]);
    const head = git(desktop.notes, "rev-parse", "HEAD", "refs/remotes/origin/main");
    const before = desktop.snapshot();
    // The second POST of a fetch carries the pack; the first lists the refs.
    let posts = 0;
    server.fault = (request) =>
      request.service === "git-upload-pack" && request.method === "POST" && ++posts === 2
        ? { kind: "cut", after, reset }
        : undefined;
    const failed = await desktop.json(["sync"]);
    expect(posts).toBe(2);
    expect(failed.code).toBe(3);
    expect(failed.json).toMatchObject({ runs: [{ outcome: "failed", error: { kind: "unreachable" } }] });
    expect(git(desktop.notes, "rev-parse", "HEAD", "refs/remotes/origin/main")).toBe(head);
    expect(desktop.snapshot()).toEqual(before);
    fsck(desktop.notes);
    server.fault = undefined;
    await desktop.lull(["sync"]);
    expectConverged([laptop, desktop], [directory]);
  });
}

test("a push whose answer is cut is either there or not, and the next sync finds out", async () => {
  for (const after of [0, 1, 20]) {
    const { laptop, directory } = await synced();
    laptop.write("a.md", `cut after ${after}\n`);
    forgetServers(laptop);
    once("git-receive-pack", "POST", { kind: "cut", after });
    const failed = await laptop.json(["sync"]);
    expect(failed.code).toBe(3);
    fsck(directory);
    fsck(laptop.notes);
    expect(git(laptop.notes, "show", "HEAD:a.md")).toBe(`cut after ${after}`);
    await laptop.lull(["sync"]);
    expectConverged([laptop], [directory]);
    expect(git(directory, "rev-list", "--count", "main")).toBe("2");
  }
});

test("where the server is known, the same sync finds out", async () => {
  for (const fault of [
    { kind: "cut", after: 0 },
    { kind: "cut", after: 1 },
    { kind: "cut", after: 20 },
    { kind: "answer", status: 500 },
  ] as const) {
    const { laptop, directory } = await synced();
    laptop.write("a.md", `${fault.kind}\n`);
    once("git-receive-pack", "POST", fault);
    await laptop.lull(["sync"]);
    expectConverged([laptop], [directory]);
    fsck(directory);
    expect(git(directory, "rev-list", "--count", "main")).toBe("2");
  }
});

test("a push that the server never took is repeated by the next sync", async () => {
  const { laptop, directory } = await synced();
  const before = git(directory, "rev-parse", "main");
  laptop.write("a.md", "two\n");
  forgetServers(laptop);
  once("git-receive-pack", "POST", { kind: "answer", status: 500 });
  await laptop.lull(["sync"], 1);
  expect(git(directory, "rev-parse", "main")).toBe(before);
  await laptop.lull(["sync"]);
  expectConverged([laptop], [directory]);
});

test("when the answer to a push is lost, the next sync sees the push and adds no commit", async () => {
  const { laptop, directory } = await synced();
  laptop.write("a.md", "two\n");
  once("git-receive-pack", "POST", { kind: "lose-answer" });
  await laptop.json(["sync"]);
  const pushed = git(laptop.notes, "rev-parse", "HEAD");
  expect(git(directory, "rev-parse", "main")).toBe(pushed);
  const { code, json } = await laptop.json(["sync"]);
  expect(code).toBe(0);
  expect(json).toMatchObject({ runs: [{ outcome: "up-to-date" }] });
  expect(git(laptop.notes, "rev-list", "--count", "HEAD")).toBe("2");
  expectConverged([laptop], [directory]);
});

for (const [service, method] of [
  // A server that is not known yet is asked what it can do.
  ["git-upload-pack", "GET"],
  ["git-upload-pack", "POST"],
  ["git-receive-pack", "POST"],
] as const) {
  test(`Ctrl-C ends a sync that waits for a stalled server (${method} ${service})`, async () => {
    const { laptop, directory } = await synced();
    laptop.write("a.md", "two\n");
    if (method === "GET") forgetServers(laptop);
    const stop = new AbortController();
    server.fault = (request) => {
      if (request.service !== service || request.method !== method) return undefined;
      setTimeout(() => stop.abort(), 50);
      return { kind: "stall" };
    };
    const ended = await cli.run(["sync"], { cwd: laptop.home, env: laptop.env, signal: stop.signal });
    expect(ended.code).toBe(130);
    expect(git(laptop.notes, "show", "HEAD:a.md")).toBe("two");
    fsck(laptop.notes);
    server.fault = undefined;
    await laptop.lull(["sync"]);
    expectConverged([laptop], [directory]);
  });
}

test("a password inside the URL works, is warned about, and is neither shown nor put into the repository", async () => {
  const { url, directory } = serve();
  server.token = TOKEN;
  const laptop = makeDevice("laptop");
  laptop.write("a.md", "one\n");
  const withPassword = url.replace("http://", `http://ada:${TOKEN}@`);
  const added = await laptop.lull(["add", "notes", "--remote", withPassword]);
  expect(added.stderr).toContain("Warning:");
  const first = await laptop.lull(["sync"]);
  expectConverged([laptop], [directory]);
  const texts = [added, first];
  for (const args of [["status"], ["list"], ["log"], ["diff"], ["status", "--json"], ["list", "--json"]]) {
    texts.push(await laptop.lull(args));
  }
  expect(texts.map(said).join("")).not.toContain(TOKEN);
  expect(git(laptop.notes, "remote", "get-url", "origin")).toBe(url);
  expect(readFileSync(join(laptop.notes, ".git/config"), "utf8")).not.toContain(TOKEN);
  expect(said(await laptop.lull(["config", "check"]))).toMatch(/password|secret|token/);
  // The one place where the person put it, which also shows that the search finds what is there.
  expect(() => expectNoSecret(TOKEN, laptop)).toThrow("config.yaml holds the secret");
});

/** Bytes that do not compress, the same each time. */
function noise(length: number): Uint8Array {
  let state = 1;
  return new Uint8Array(length).map(() => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state >>> 16;
  });
}
