import { expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { existsSync, rmSync, statSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";

import { refusal, tryFlock } from "../../src/platform/flock.ts";
import { acquireLock } from "../../src/platform/lock.ts";
import { acquireSqliteLock } from "../../src/store/sqlite-lock.ts";
import { cannotRun } from "../helpers/skip.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

const owner = { pid: process.pid, since: 1_700_000_000_000 };

function take(path: string) {
  return acquireLock({ path, owner, fallback: acquireSqliteLock });
}

test("one holder at a time, and the next one gets it after release", () => {
  const path = join(temporaryDirectory(), "locks", "notes");
  const first = take(path);
  if (first.kind !== "held") throw new Error("the lock was free");
  expect(take(path)).toEqual({ kind: "busy", owner });
  first.lock[Symbol.dispose]();
  const second = take(path);
  if (second.kind !== "held") throw new Error("the lock was given back");
  second.lock[Symbol.dispose]();
  expect(existsSync(path)).toBe(true);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("a holder that is killed leaves no lock behind", async () => {
  const path = join(temporaryDirectory(), "notes");
  const script = `
    import { refusal, tryFlock } from "../../src/platform/flock.ts";
import { acquireLock } from ${JSON.stringify(join(import.meta.dir, "../../src/platform/lock.ts"))};
    const result = acquireLock({ path: ${JSON.stringify(path)}, owner: { pid: process.pid, since: 1 }, fallback: () => undefined });
    console.log(result.kind);
    setInterval(() => {}, 1000);
  `;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  const said = await new Promise<string>((resolve) =>
    child.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString())),
  );
  expect(said.trim()).toBe("held");
  const busy = take(path);
  expect(busy).toEqual({ kind: "busy", owner: { pid: child.pid ?? 0, since: 1 } });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
  const after = take(path);
  if (after.kind !== "held") throw new Error("the kernel should have given the lock back");
  after.lock[Symbol.dispose]();
});

test("a half-written owner file costs the message only", () => {
  const path = join(temporaryDirectory(), "notes");
  const first = take(path);
  if (first.kind !== "held") throw new Error("the lock was free");
  writeFileSync(`${path}.owner`, '{"pid": 4');
  expect(take(path)).toEqual({ kind: "busy", owner: undefined });
  writeFileSync(`${path}.owner`, '{"pid": "four", "since": 1}');
  expect(take(path)).toEqual({ kind: "busy", owner: undefined });
  writeFileSync(`${path}.owner`, "null");
  expect(take(path)).toEqual({ kind: "busy", owner: undefined });
  first.lock[Symbol.dispose]();
});

test("the SQLite lock serves the same way where flock is not to be had", () => {
  const path = join(temporaryDirectory(), "notes.db");
  const first = acquireSqliteLock(path);
  expect(first).toBeDefined();
  expect(acquireSqliteLock(path)).toBeUndefined();
  first?.[Symbol.dispose]();
  const second = acquireSqliteLock(path);
  expect(second).toBeDefined();
  second?.[Symbol.dispose]();
});

test("only a lock that somebody holds reads as busy; a system without flock is not one", () => {
  const { EWOULDBLOCK, EINTR, ENOSYS, EOPNOTSUPP, EINVAL, ENOLCK } = constants.errno;
  expect([EWOULDBLOCK, EINTR, 0].map(refusal)).toEqual(["busy", "busy", "busy"]);
  expect([ENOSYS, EOPNOTSUPP, EINVAL].map(refusal)).toEqual(["unavailable", "unavailable", "unavailable"]);
  expect(() => refusal(ENOLCK)).toThrow("the system refused a lock (ENOLCK)");
  expect(() => refusal(4711)).toThrow("error 4711");
});

test.skipIf(cannotRun(process.platform === "win32", "Windows has no flock"))(
  "the system's own error number arrives",
  () => {
    expect(() => tryFlock(-1)).toThrow("EBADF");
  },
);

test("two who only look whether a lock is free do not meet each other, but they meet its holder", () => {
  const path = join(temporaryDirectory(), "daemon.lock");
  const probe = () => acquireLock({ path, owner, fallback: acquireSqliteLock, isProbe: true });
  const first = probe();
  const second = probe();
  if (first.kind !== "held" || second.kind !== "held") throw new Error("the lock was free");
  first.lock[Symbol.dispose]();
  second.lock[Symbol.dispose]();
  const held = take(path);
  if (held.kind !== "held") throw new Error("the lock was free");
  expect(probe()).toEqual({ kind: "busy", owner });
  held.lock[Symbol.dispose]();
});

test("who has given the lock back is not named to the next who meets it", () => {
  const path = join(temporaryDirectory(), "daemon.lock");
  const first = take(path);
  if (first.kind !== "held") throw new Error("the lock was free");
  first.lock[Symbol.dispose]();
  const silent = acquireLock({ path, owner, fallback: acquireSqliteLock, isProbe: true });
  if (silent.kind !== "held") throw new Error("the lock was free");
  expect(take(path)).toEqual({ kind: "busy", owner: undefined });
  silent.lock[Symbol.dispose]();
});

test("a lock whose file was removed says so", () => {
  const path = join(temporaryDirectory(), "daemon.lock");
  const held = take(path);
  if (held.kind !== "held") throw new Error("the lock was free");
  expect(held.lock.isInPlace()).toBe(true);
  rmSync(path);
  expect(held.lock.isInPlace()).toBe(false);
  writeFileSync(path, "");
  expect(held.lock.isInPlace()).toBe(false);
  held.lock[Symbol.dispose]();
});

test("the SQLite lock is shared by those who only look", () => {
  const path = join(temporaryDirectory(), "notes.db");
  const looks = [acquireSqliteLock(path, true), acquireSqliteLock(path, true)];
  expect(looks).not.toContain(undefined);
  for (const look of looks) look?.[Symbol.dispose]();
  using _held = acquireSqliteLock(path);
  expect(acquireSqliteLock(path, true)).toBeUndefined();
});
