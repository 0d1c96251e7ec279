import { afterEach, expect, test } from "bun:test";
import { existsSync, lstatSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import {
  connectLocal,
  listenLocal,
  type LocalHandler,
  type LocalPeer,
  socketPath,
} from "../../src/platform/local-socket.ts";
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

test("one who asks far ahead of the answers is cut off; all others go on", async () => {
  const path = socketPath(temporaryDirectory());
  let asked = 0;
  listen(path, (peer, line) => {
    asked++;
    peer.send(line);
  });
  const flood = await connectLocal(path, () => {});
  flood?.send("again\n".repeat(100_000));
  await flood?.closed;
  expect(asked).toBeLessThan(200);
  const heard = Promise.withResolvers<string>();
  const other = await connectLocal(path, heard.resolve);
  other?.send("hello");
  expect(await heard.promise).toBe("hello");
  other?.close();
});

test("one who never reads is cut off instead of being waited for in memory", async () => {
  const path = socketPath(temporaryDirectory());
  const gone = Promise.withResolvers<void>();
  const peers: LocalPeer[] = [];
  listen(
    path,
    (peer) => void peers.push(peer),
    () => gone.resolve(),
  );
  const deaf = Bun.spawn(
    [
      "python3",
      "-c",
      `import socket,sys,time
s=socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.sendall(b"follow\\n"); time.sleep(60)`,
      path,
    ],
    { stdout: "ignore" },
  );
  try {
    while (peers.length === 0) await Bun.sleep(5);
    const line = "x".repeat(64 * 1024);
    for (let sent = 0; sent < 200; sent++) peers[0]?.send(line);
    await gone.promise;
  } finally {
    deaf.kill("SIGKILL");
  }
});

test("a socket that was removed or replaced says so, and what another has put there stays", async () => {
  const path = socketPath(temporaryDirectory());
  const handler = { line: () => {}, closed: () => {} };
  const first = listenLocal(path, handler);
  expect(first.isInPlace()).toBe(true);
  rmSync(path);
  expect(first.isInPlace()).toBe(false);
  open.push(listenLocal(path, handler));
  expect(first.isInPlace()).toBe(false);
  first[Symbol.dispose]();
  const connection = await connectLocal(path, () => {});
  expect(connection).toBeDefined();
  connection?.close();
});
