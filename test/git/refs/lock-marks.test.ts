import { describe, expect, test } from "bun:test";
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { inspectRepository } from "../../../src/git/refs/inspect-repository.ts";
import { takeLockFile } from "../../../src/git/refs/lock-file.ts";
import { breakAbandonedLocks, isAbandonedLock } from "../../../src/git/refs/lock-marks.ts";
import { processIdentity, readIdentity } from "../../../src/git/refs/process-identity.ts";
import { git, temporaryDirectory } from "../../helpers/system-git.ts";
import { thrown } from "../../helpers/thrown.ts";

/** Takes a lock in another process, which kills itself while it holds it. */
function killWhileHolding(gitDirectory: string, name: string): void {
  const script = `
    import { takeLockFile } from ${JSON.stringify(join(import.meta.dir, "../../../src/git/refs/lock-file.ts"))};
    takeLockFile(${JSON.stringify(join(gitDirectory, name))}, { gitDirectory: ${JSON.stringify(gitDirectory)} }).write(Buffer.from("half"));
    process.kill(process.pid, "SIGKILL");`;
  Bun.spawnSync([process.execPath, "-e", script]);
  expect(existsSync(join(gitDirectory, `${name}.lock`))).toBe(true);
}

/** Where marks are, whoever's: beside the locks of the git directory itself, and in lull's own folder. */
function marks(gitDirectory: string): string[] {
  const own = join(gitDirectory, "lull/locks");
  return [
    ...readdirSync(gitDirectory).filter((name) => name.startsWith("lull-lock-")),
    ...(existsSync(own) ? readdirSync(own).map((name) => `lull/locks/${name}`) : []),
  ];
}

function repository(): string {
  const root = temporaryDirectory();
  git(root, "init", "-q");
  return root;
}

describe("a lock that a killed lull left", () => {
  test.each(["index", "HEAD", "refs/heads/main"])(
    "on %s is no sign of the user at work and is taken away",
    (name) => {
      const root = repository();
      const gitDirectory = join(root, ".git");
      killWhileHolding(gitDirectory, name);
      expect(inspectRepository(root).kind).toBe("ready");
      expect(existsSync(join(gitDirectory, `${name}.lock`))).toBe(true);
      const lock = takeLockFile(join(gitDirectory, name), { gitDirectory });
      lock.write(Buffer.from("whole"));
      lock.commit();
      expect(readFileSync(join(gitDirectory, name), "utf8")).toBe("whole");
      expect(marks(gitDirectory)).toEqual([]);
    },
  );

  test.each(["HEAD", "index", "refs/heads/main", "refs/lull/savepoints/x"])(
    "on %s is taken away by the next run, whether it needs it or not; that of git stays",
    (name) => {
      const root = repository();
      const gitDirectory = join(root, ".git");
      killWhileHolding(gitDirectory, name);
      writeFileSync(join(gitDirectory, "packed-refs.lock"), "git's");
      breakAbandonedLocks(gitDirectory);
      expect(existsSync(join(gitDirectory, `${name}.lock`))).toBe(false);
      expect(readFileSync(join(gitDirectory, "packed-refs.lock"), "utf8")).toBe("git's");
      expect(marks(gitDirectory)).toEqual([]);
    },
  );

  test("is known from one that git took at the same path since", () => {
    const root = repository();
    const gitDirectory = join(root, ".git");
    killWhileHolding(gitDirectory, "index");
    rmSync(join(gitDirectory, "index.lock"));
    writeFileSync(join(gitDirectory, "index.lock"), "git's");
    expect(inspectRepository(root).kind).toBe("busy");
    expect(thrown(() => takeLockFile(join(gitDirectory, "index"))).code).toBe("INDEX_LOCKED");
    expect(readFileSync(join(gitDirectory, "index.lock"), "utf8")).toBe("git's");
  });

  test("is told from the lock of a later process with the same id", () => {
    const gitDirectory = join(repository(), ".git");
    killWhileHolding(gitDirectory, "index");
    const started = readFileSync(`/proc/${process.pid}/stat`, "latin1").split(") ")[1]?.split(" ")[19];
    const rename = (name: string): void =>
      renameSync(join(gitDirectory, marks(gitDirectory)[0] ?? ""), join(gitDirectory, `lull-lock-${name}`));
    const { machine, boot } = processIdentity();
    rename(`${machine}-${boot}-${process.pid}-${started}-1`);
    expect(isAbandonedLock(gitDirectory, join(gitDirectory, "index.lock"))).toBe(false);
    rename(`${machine}-${boot}-${process.pid}-1-1`);
    expect(isAbandonedLock(gitDirectory, join(gitDirectory, "index.lock"))).toBe(true);
    rename("strange");
    expect(isAbandonedLock(gitDirectory, join(gitDirectory, "index.lock"))).toBe(false);
  });

  test("on a share is left to the machine that made it, and to an earlier start of this one only when it is old", () => {
    const gitDirectory = join(repository(), ".git");
    killWhileHolding(gitDirectory, "index");
    const lock = join(gitDirectory, "index.lock");
    const { machine, boot } = processIdentity();
    const rename = (name: string): void =>
      renameSync(join(gitDirectory, marks(gitDirectory)[0] ?? ""), join(gitDirectory, `lull-lock-${name}`));
    rename(`${"0".repeat(12)}-${boot}-999999999-1-1`);
    expect(isAbandonedLock(gitDirectory, lock)).toBe(false);
    rename("unknown-999999999-1-1");
    expect(isAbandonedLock(gitDirectory, lock)).toBe(false);
    rename(`${machine}-${"0".repeat(12)}-${process.pid}-1-1`);
    expect(isAbandonedLock(gitDirectory, lock)).toBe(false);
    utimesSync(lock, new Date(1_700_000_000_000), new Date(1_700_000_000_000));
    expect(isAbandonedLock(gitDirectory, lock)).toBe(true);
  });

  test("is judged by an identity that ends with the machine's start where the machine has no id", () => {
    const root = `${temporaryDirectory()}/`;
    expect(readIdentity(root).machine).toBeUndefined();
    mkdirSync(`${root}proc/sys/kernel/random`, { recursive: true });
    mkdirSync(`${root}proc/self/ns`, { recursive: true });
    mkdirSync(`${root}etc`);
    symlinkSync("pid:[4026531836]", `${root}proc/self/ns/pid`);
    writeFileSync(`${root}etc/machine-id`, "\n");
    const start = (id: string) => {
      writeFileSync(`${root}proc/sys/kernel/random/boot_id`, `${id}\n`);
      return readIdentity(root);
    };
    expect(start("one").machine).not.toBe(start("two").machine);
    writeFileSync(`${root}etc/machine-id`, "0123456789abcdef\n");
    expect(start("one").machine).toBe(start("two").machine);
    expect(start("one").boot).not.toBe(start("two").boot);
    expect(readIdentity("/")).toEqual(processIdentity());
  });
});

describe("a lock that a living lull holds", () => {
  test("is not taken away, by another process or by itself", () => {
    const gitDirectory = join(repository(), ".git");
    using lock = takeLockFile(join(gitDirectory, "index"));
    expect(thrown(() => takeLockFile(join(gitDirectory, "index"))).code).toBe("INDEX_LOCKED");
    const script = `
      import { takeLockFile } from ${JSON.stringify(join(import.meta.dir, "../../../src/git/refs/lock-file.ts"))};
      try { takeLockFile(${JSON.stringify(join(gitDirectory, "index"))}); } catch (error) { console.log(error.code); }`;
    expect(Bun.spawnSync([process.execPath, "-e", script]).stdout.toString()).toBe("INDEX_LOCKED\n");
    lock.write(Buffer.from("x"));
  });

  test("leaves no mark behind, whichever way it ends", () => {
    const gitDirectory = join(repository(), ".git");
    takeLockFile(join(gitDirectory, "HEAD"), { gitDirectory }).release();
    const lock = takeLockFile(join(gitDirectory, "description"), { gitDirectory });
    lock.commit();
    writeFileSync(join(gitDirectory, "HEAD.lock"), "");
    expect(thrown(() => takeLockFile(join(gitDirectory, "HEAD"), { gitDirectory })).code).toBe("REF_LOCKED");
    expect(marks(gitDirectory)).toEqual([]);
  });

  test("is a plain file where no mark can be made", () => {
    const gitDirectory = join(repository(), ".git");
    writeFileSync(join(gitDirectory, "lull"), "in the way");
    const lock = takeLockFile(join(gitDirectory, "refs/heads/x"), { gitDirectory });
    lock.write(Buffer.from("x"));
    lock.commit();
    expect(readFileSync(join(gitDirectory, "refs/heads/x"), "utf8")).toBe("x");
    const missing = join(temporaryDirectory(), "none");
    takeLockFile(join(missing, "HEAD"), { gitDirectory: missing }).release();
  });

  test("in the git directory has its mark beside it, so that both names reach the disk together", () => {
    const gitDirectory = join(repository(), ".git");
    for (const name of ["index", "HEAD", "config", "packed-refs"]) {
      using _ = takeLockFile(join(gitDirectory, name), { gitDirectory });
      expect(marks(gitDirectory)).toEqual([expect.stringMatching(/^lull-lock-[0-9a-f]{12}-/)]);
    }
    using _ = takeLockFile(join(gitDirectory, "refs/heads/main"), { gitDirectory });
    expect(marks(gitDirectory)).toEqual([expect.stringMatching(/^lull\/locks\/[0-9a-f]{12}-/)]);
  });

  test("is not confused by a mark that lost its lock", () => {
    const gitDirectory = join(repository(), ".git");
    mkdirSync(join(gitDirectory, "lull/locks"), { recursive: true });
    writeFileSync(join(gitDirectory, "lull/locks/999999999-1-1"), "");
    linkSync(join(gitDirectory, "HEAD"), join(gitDirectory, "lull/locks/999999998-1-1"));
    takeLockFile(join(gitDirectory, "HEAD"), { gitDirectory }).release();
    expect(existsSync(join(gitDirectory, "HEAD"))).toBe(true);
  });
});
