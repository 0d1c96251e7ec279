import { afterEach, expect, test } from "bun:test";
import { existsSync, lstatSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { connectLocal, listenLocal, type LocalHandler, socketPath } from "../../src/platform/local-socket.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

const open: Disposable[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one[Symbol.dispose]();
});

function listen(path: string, line: LocalHandler["line"], closed: LocalHandler["closed"] = () => {}): void {
  open.push(listenLocal(path, { line, closed }));
}

test("lines go both ways, however long the answer", async () => {
  const path = socketPath(temporaryDirectory());
  listen(path, (peer, line) => {
    peer.send(line.repeat(100_000));
    peer.close();
  });
  const heard: string[] = [];
  const connection = await connectLocal(path, (line) => heard.push(line));
  connection?.send("hello");
  await connection?.closed;
  expect(heard).toEqual(["hello".repeat(100_000)]);
});

test("two lines in one go are two lines", async () => {
  const path = socketPath(temporaryDirectory());
  const asked: string[] = [];
  listen(path, (peer, line) => {
    asked.push(line);
    if (asked.length === 2) peer.close();
  });
  const connection = await connectLocal(path, () => {});
  connection?.send("one\ntwo\n");
  await connection?.closed;
  expect(asked).toEqual(["one", "two"]);
});

test("the socket is private, and gone when nobody listens any more", async () => {
  const path = socketPath(temporaryDirectory());
  const mask = process.umask(0);
  try {
    listen(path, () => {});
  } finally {
    process.umask(mask);
  }
  expect(lstatSync(path).mode & 0o777).toBe(0o600);
  open.splice(0).forEach((one) => one[Symbol.dispose]());
  expect(existsSync(path)).toBe(false);
  expect(await connectLocal(path, () => {})).toBeUndefined();
});

test("what a dead daemon left at the path is no daemon and is replaced", async () => {
  const path = socketPath(temporaryDirectory());
  writeFileSync(path, "");
  expect(await connectLocal(path, () => {})).toBeUndefined();
  listen(path, (peer) => peer.close());
  const connection = await connectLocal(path, () => {});
  connection?.send("x");
  await connection?.closed;
  expect(connection).toBeDefined();
});

test("a state folder with a very long path has its socket elsewhere, one for each folder", () => {
  const long = join(temporaryDirectory(), "x".repeat(120));
  expect(Buffer.byteLength(socketPath(long))).toBeLessThan(104);
  expect(socketPath(long)).not.toBe(socketPath(`${long}y`));
});
