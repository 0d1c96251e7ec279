import { expect, test } from "bun:test";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";

import { LullError } from "../../src/base/errors.ts";
import { Footing } from "../../src/daemon/footing.ts";
import { connectLocal, listenLocal } from "../../src/platform/local-socket.ts";
import { acquireLock } from "../../src/platform/lock.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

function footing() {
  const state = join(temporaryDirectory(), "state");
  const socket = join(state, "daemon.sock");
  const told: string[] = [];
  let others = 0;
  const lock = () => {
    const path = join(state, "daemon.lock");
    const result = acquireLock({ path, owner: { pid: 1, since: 1 }, fallback: () => undefined });
    if (result.kind === "held") return result.lock;
    throw new LullError({ kind: "locked", code: "DAEMON_RUNNING", message: "a daemon runs already" });
  };
  const made = new Footing({
    lock,
    listen: (handler) => listenLocal(socket, handler),
    tell: (message) => told.push(message),
    onOther: () => others++,
  });
  made.listen({ line: (peer, line) => peer.send(line), closed: () => {} });
  return { footing: made, state, socket, lock, told, others: () => others };
}

async function isReached(socket: string): Promise<boolean> {
  const heard = Promise.withResolvers<string>();
  const connection = await connectLocal(socket, heard.resolve);
  if (connection === undefined) return false;
  connection.send("hello");
  const line = await heard.promise;
  connection.close();
  return line === "hello";
}

test("a state folder that was removed is stood on again: reached by commands, and held against others", async () => {
  const { footing: stands, state, socket, lock, told } = footing();
  using _ = stands;
  rmSync(state, { recursive: true });
  expect(await isReached(socket)).toBe(false);
  stands.look();
  expect(await isReached(socket)).toBe(true);
  expect(lock).toThrow("a daemon runs already");
  expect(told).toHaveLength(1);
  stands.look();
  expect(told).toHaveLength(1);
});

test("a socket that was removed is made again", async () => {
  const { footing: stands, socket } = footing();
  using _ = stands;
  rmSync(socket);
  stands.look();
  expect(await isReached(socket)).toBe(true);
});

test("when another daemon has taken over, this one is to end, and leaves the other's socket alone", async () => {
  const { footing: stands, state, socket, lock, others } = footing();
  rmSync(state, { recursive: true });
  using _theirs = lock();
  using _door = listenLocal(socket, { line: (peer, line) => peer.send(line), closed: () => {} });
  stands.look();
  expect(others()).toBe(1);
  stands[Symbol.dispose]();
  expect(await isReached(socket)).toBe(true);
  expect(existsSync(join(state, "daemon.lock.owner"))).toBe(true);
});
