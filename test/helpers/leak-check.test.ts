import { expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { createServer as createSocketServer } from "node:net";
import { join } from "node:path";

import { leakedSince, observe } from "./leak-check.ts";
import { cannotRun } from "./skip.ts";
import { temporaryDirectory } from "./system-git.ts";

const isBlind = cannotRun(process.platform !== "linux", "leaks of a process are seen in /proc only");

test.skipIf(isBlind)("a child process that still runs is named", async () => {
  const before = observe();
  const child = spawn("sleep", ["60"]);
  expect(await leakedSince(before, 0)).toEqual([`process ${child.pid} (sleep 60)`]);
  child.kill();
  await once(child, "exit");
  expect(await leakedSince(before)).toEqual([]);
});

test.skipIf(isBlind)("a server that still listens is named with its port", async () => {
  const before = observe();
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("") });
  expect(await leakedSince(before, 0)).toEqual([`server on port ${server.port}`]);
  await server.stop(true);
  expect(await leakedSince(before)).toEqual([]);
});

test.skipIf(isBlind)("a server that is closed a moment later is no leak", async () => {
  const before = observe();
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  setTimeout(() => server.close(), 50);
  expect(await leakedSince(before)).toEqual([]);
});

test.skipIf(isBlind)("a unix socket is named with its path", async () => {
  const before = observe();
  const path = join(temporaryDirectory(), "s");
  const server = createSocketServer().listen(path);
  await once(server, "listening");
  expect(await leakedSince(before, 0)).toEqual([`server on ${path}`]);
  server.close();
  expect(await leakedSince(before)).toEqual([]);
});
