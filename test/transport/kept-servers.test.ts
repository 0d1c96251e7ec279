import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { systemClock } from "../../src/base/clock.ts";
import { listRefs } from "../../src/git/wire/list-refs.ts";
import { assertPrivate } from "../../src/platform/private-files.ts";
import { currentSystem } from "../../src/platform/system.ts";
import { keptServers, type MemoryPlace } from "../../src/transport/kept-servers.ts";
import { createTransport } from "../../src/transport/open-transport.ts";
import { startGitServer } from "../helpers/git-http-server.ts";
import { git, temporaryDirectory } from "../helpers/system-git.ts";

const root = temporaryDirectory();
git(root, "init", "-q", "--bare", "notes.git");
const server = await startGitServer(root);
afterAll(() => server.stop());

const TOKEN = "a-secret-token";
let file = "";

beforeEach(() => {
  file = join(temporaryDirectory(), "state", "servers.json");
  server.clear();
  server.token = undefined;
  server.protocol = 2;
});

function placeOf(memory: string): MemoryPlace {
  const check = { system: currentSystem(), userId: process.getuid?.() };
  return { file: memory, assertPrivate: (path) => assertPrivate(path, "the memory", check) };
}

/** As a new process that lists the refs of the repository; returns the methods of its requests. */
async function listed(memoryFile: string | undefined): Promise<readonly string[]> {
  server.clear();
  const transport = createTransport({
    credentials: async () => ({ token: TOKEN }),
    createResponder: () => {
      throw new Error("no local remote here");
    },
    clock: systemClock,
    ...(memoryFile === undefined ? {} : { memory: placeOf(memoryFile) }),
  });
  const connection = await transport.open(server.repository("notes.git"), {
    signal: new AbortController().signal,
  });
  const { list } = await listRefs(connection);
  await connection.close();
  expect([...list.refs]).toEqual([]);
  return server.requests.map(({ method }) => method);
}

describe("what servers can do", () => {
  test("is known to the next process, which asks in one request", async () => {
    expect(await listed(file)).toEqual(["GET", "POST"]);
    expect(await listed(file)).toEqual(["POST"]);
    expect(await listed(undefined)).toEqual(["GET", "POST"]);
  });

  test("is asked for again when the server has become another one", async () => {
    await listed(file);
    server.protocol = 0;
    expect(await listed(file)).toEqual(["POST", "GET"]);
    // And nothing is remembered of what speaks another version.
    expect(await listed(file)).toEqual(["GET"]);
    server.protocol = 2;
    expect(await listed(file)).toEqual(["GET", "POST"]);
  });

  test("includes who wants a credential, and neither a token nor an address", async () => {
    server.token = TOKEN;
    expect(await listed(file)).toEqual(["GET", "GET", "POST"]);
    expect(await listed(file)).toEqual(["POST"]);
    const text = readFileSync(file, "utf8");
    for (const word of [TOKEN, "127.0.0.1", "notes", "http"]) expect(text).not.toContain(word);
    expect(statSync(file).mode & 0o077).toBe(0);
  });

  test("is not read from a file that is damaged, too large or open to others", async () => {
    await listed(file);
    const good = readFileSync(file, "utf8");
    const [[key]] = (JSON.parse(good) as { servers: [[string]] }).servers;
    const withPairs = (pairs: unknown): string => JSON.stringify({ version: 1, servers: [[key, pairs]] });
    for (const bad of [
      "",
      "nonsense",
      "null",
      "[]",
      good.slice(0, 50),
      good.replace('"version":1', '"version":2'),
      JSON.stringify({ version: 1, servers: { [key]: [] } }),
      withPairs("x"),
      withPairs([["agent"]]),
      withPairs([["agent", "git\n0000"]]),
      withPairs([["a b", ""]]),
      withPairs(Array.from({ length: 101 }, (_, number) => [`a${number}`, ""])),
      `${good}${" ".repeat(1024 * 1024)}`,
    ]) {
      writeFileSync(file, bad, { mode: 0o600 });
      expect(await listed(file)).toEqual(["GET", "POST"]);
      expect(await listed(file)).toEqual(["POST"]);
    }
    chmodSync(file, 0o666);
    expect(await listed(file)).toEqual(["GET", "POST"]);
  });

  test("is forgotten with the process where nothing can be written", async () => {
    const nowhere = join(file, "..", "..", "file");
    writeFileSync(nowhere, "");
    expect(await listed(join(nowhere, "servers.json"))).toEqual(["GET", "POST"]);
    expect(existsSync(join(nowhere, "servers.json"))).toBe(false);
  });

  test("is kept beside what other processes keep, of the last 500 servers", () => {
    const one = keptServers(placeOf(file));
    const other = keptServers(placeOf(file));
    const known = new Map([["ls-refs", "unborn"]]);
    one.memoryOf("http://a").capabilities = known;
    other.memoryOf("http://b").capabilities = known;
    const third = keptServers(placeOf(file));
    expect(third.memoryOf("http://a").capabilities).toEqual(known);
    expect(third.memoryOf("http://b").capabilities).toEqual(known);
    third.memoryOf("http://a").capabilities = undefined;
    expect(keptServers(placeOf(file)).memoryOf("http://a").capabilities).toBeUndefined();
    const many = Array.from({ length: 500 }, (_, number) => [`key-${number}`, []]);
    writeFileSync(file, JSON.stringify({ version: 1, servers: many }), { mode: 0o600 });
    keptServers(placeOf(file)).challenged.add("http://host");
    expect(keptServers(placeOf(file)).challenged.has("http://host")).toBe(true);
    const text = readFileSync(file, "utf8");
    expect([text.includes('"key-0"'), text.includes('"key-1"')]).toEqual([false, true]);
  });
});
