import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { takeLockFile } from "../../../src/git/refs/lock-file.ts";
import { fakeClock } from "../../helpers/fake-clock.ts";
import { temporaryDirectory } from "../../helpers/system-git.ts";
import { thrown } from "../../helpers/thrown.ts";

describe("a lock file", () => {
  test("replaces the file on commit and leaves no lock behind", () => {
    const path = join(temporaryDirectory(), "index");
    writeFileSync(path, "old");
    const lock = takeLockFile(path);
    lock.write(Buffer.from("new "));
    expect(readFileSync(path, "utf8")).toBe("old");
    lock.write(Buffer.from("content"));
    lock.commit();
    lock.release();
    expect(readFileSync(path, "utf8")).toBe("new content");
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  test("leaves the file as it was when it is released or disposed of", () => {
    const path = join(temporaryDirectory(), "HEAD");
    writeFileSync(path, "old");
    {
      using lock = takeLockFile(path);
      lock.write(Buffer.from("half"));
      expect(existsSync(`${path}.lock`)).toBe(true);
    }
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  test("makes missing folders above the file", () => {
    const path = join(temporaryDirectory(), "refs", "heads", "a", "b");
    const lock = takeLockFile(path);
    lock.write(Buffer.from("x"));
    lock.commit();
    expect(readFileSync(path, "utf8")).toBe("x");
  });

  test.each([
    ["index", "INDEX_LOCKED"],
    ["config", "CONFIG_LOCKED"],
    ["main", "REF_LOCKED"],
  ])("of somebody else on %s is refused with %s and its age", (name, code) => {
    const path = join(temporaryDirectory(), name);
    writeFileSync(`${path}.lock`, "theirs");
    utimesSync(`${path}.lock`, 1000, 1000);
    const clock = { now: () => 1_090_000, monotonic: () => 0, utcOffset: () => 0 };
    const error = thrown(() => takeLockFile(path, { clock }));
    expect(error.kind).toBe("locked");
    expect(error.code).toBe(code);
    expect(error.data).toEqual({ path: `${path}.lock`, ageSeconds: 90 });
    expect(readFileSync(`${path}.lock`, "utf8")).toBe("theirs");
  });

  test("is waited for as long as asked and no longer", () => {
    const path = join(temporaryDirectory(), "index");
    writeFileSync(`${path}.lock`, "theirs");
    let waited = 0;
    const pause = (ms: number): void => {
      waited += ms;
      if (waited > 40) rmSync(`${path}.lock`, { force: true });
    };
    takeLockFile(path, { waitMs: 1000, pause }).release();
    expect(waited).toBeGreaterThan(40);
    expect(waited).toBeLessThan(1000);
    writeFileSync(`${path}.lock`, "theirs");
    waited = 0;
    const onlyWait = (ms: number): void => void (waited += ms);
    const options = { waitMs: 1000, pause: onlyWait, clock: fakeClock() };
    expect(thrown(() => takeLockFile(path, options)).code).toBe("INDEX_LOCKED");
    expect(waited).toBeCloseTo(1000);
  });

  test("that somebody removed and took themselves is neither renamed nor deleted", () => {
    const path = join(temporaryDirectory(), "index");
    writeFileSync(path, "old");
    const lock = takeLockFile(path);
    lock.write(Buffer.from("ours"));
    rmSync(`${path}.lock`);
    writeFileSync(`${path}.lock`, "theirs");
    expect(thrown(() => lock.commit()).kind).toBe("locked");
    lock.release();
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readFileSync(`${path}.lock`, "utf8")).toBe("theirs");
  });

  test("cannot be written to once it has ended", () => {
    const lock = takeLockFile(join(temporaryDirectory(), "index"));
    lock.release();
    expect(thrown(() => lock.write(Buffer.from("x"))).code).toBe("LOCK_ENDED");
    expect(thrown(() => lock.commit()).code).toBe("LOCK_ENDED");
  });

  test("gives the file the permission bits that were asked for", () => {
    const path = join(temporaryDirectory(), "config");
    const lock = takeLockFile(path, { mode: 0o600 });
    lock.commit();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("takes names that are no UTF-8", () => {
    const root = temporaryDirectory();
    const path = Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff, 0x2f, 0xfe])]);
    const lock = takeLockFile(path);
    lock.write(Buffer.from("x"));
    lock.commit();
    expect(readFileSync(path, "utf8")).toBe("x");
  });

  test("reports a folder in the place of the file, and lets go of the lock", () => {
    const root = temporaryDirectory();
    const path = join(root, "main");
    mkdirSync(join(path, "child"), { recursive: true });
    const lock = takeLockFile(path);
    expect(thrown(() => lock.commit()).kind).toBe("failed");
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  test("below a file is a system error, not a wait", () => {
    const root = temporaryDirectory();
    writeFileSync(join(root, "a"), "");
    expect(thrown(() => takeLockFile(join(root, "a", "b"))).code).toBe("ENOTDIR");
  });
});
