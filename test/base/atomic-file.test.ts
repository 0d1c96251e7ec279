import { afterEach, describe, expect, mock, test } from "bun:test";
import * as fs from "node:fs";
import { join } from "node:path";

import {
  makePrivateDirectory,
  syncDirectory,
  writeFileAtomic,
  writeFully,
} from "../../src/base/atomic-file.ts";
import { cannotRun } from "../helpers/skip.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

const {
  chmodSync,
  closeSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} = fs;
const real = { ...fs };
const hasNoModes = cannotRun(process.platform === "win32", "modes of new files: Windows has none");

afterEach(() => {
  restoreFileSystem();
});

test("the temporary file has another name than one that a crashed process of the same number left", () => {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, "target"));
  const module = JSON.stringify(join(import.meta.dir, "../../src/base/atomic-file.ts"));
  // The rename onto a folder fails, and its error names the temporary file.
  const script = `const { writeFileAtomic } = await import(${module});
    try { writeFileAtomic("target", "x"); }
    catch (error) { console.log(error.cause.path.replace(String(process.pid), "pid")); }`;
  const names = [1, 2].map(() =>
    Bun.spawnSync([process.execPath, "-e", script], { cwd: directory }).stdout.toString().trim(),
  );
  expect(names[0]).toMatch(/^\.target\.pid\.\d+\.1\.tmp$/);
  expect(names[1]).not.toBe(names[0]);
  expect(readdirSync(directory)).toEqual(["target"]);
});

describe("an atomic write", () => {
  test("makes a new file with text or bytes, and leaves nothing else", () => {
    const folder = temporaryDirectory();
    writeFileAtomic(join(folder, "text"), "grüße\n");
    writeFileAtomic(join(folder, "bytes"), new Uint8Array([0, 255]));
    expect(readFileSync(join(folder, "text"), "utf8")).toBe("grüße\n");
    expect([...readFileSync(join(folder, "bytes"))]).toEqual([0, 255]);
    expect(readdirSync(folder).toSorted()).toEqual(["bytes", "text"]);
  });

  test("replaces the file as a whole: who has the old one open still reads the old one", () => {
    const path = join(temporaryDirectory(), "a");
    writeFileSync(path, "old");
    const handle = openSync(path, "r");
    writeFileAtomic(path, "new and longer");
    expect(readFileSync(handle, "utf8")).toBe("old");
    expect(readFileSync(path, "utf8")).toBe("new and longer");
    closeSync(handle);
  });

  test("writes an empty file", () => {
    const path = join(temporaryDirectory(), "a");
    writeFileAtomic(path, "");
    expect(statSync(path).size).toBe(0);
  });

  test.skipIf(hasNoModes)("gives the mode from the first moment on", () => {
    const path = join(temporaryDirectory(), "key");
    const seen: number[] = [];
    injectFault("fsyncSync", (handle: number) => {
      seen.push(fstatSync(handle).mode & 0o777);
      real.fsyncSync(handle);
    });
    writeFileAtomic(path, "secret", { mode: 0o600 });
    expect(seen[0]).toBe(0o600);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("puts the temporary file where it is told to", () => {
    const folder = temporaryDirectory();
    mkdirSync(join(folder, "tmp"));
    const renamed: string[] = [];
    injectFault("renameSync", (from: string, to: string) => {
      renamed.push(from);
      real.renameSync(from, to);
    });
    writeFileAtomic(join(folder, "a"), "x", { temporaryDirectory: join(folder, "tmp") });
    expect(renamed).toEqual([expect.stringContaining(join(folder, "tmp"))]);
    expect(readdirSync(join(folder, "tmp"))).toEqual([]);
  });

  test("replaces a symlink, not the file it points to", () => {
    const folder = temporaryDirectory();
    writeFileSync(join(folder, "target"), "untouched");
    fs.symlinkSync("target", join(folder, "link"));
    writeFileAtomic(join(folder, "link"), "x");
    expect(readFileSync(join(folder, "target"), "utf8")).toBe("untouched");
    expect(lstatSync(join(folder, "link")).isFile()).toBe(true);
  });

  test("says what it could not write, and with which system error", () => {
    const path = join(temporaryDirectory(), "missing", "a");
    expect(() => writeFileAtomic(path, "x")).toThrow(
      expect.objectContaining({ code: "ENOENT", message: expect.stringContaining(`cannot write ${path}`) }),
    );
  });

  test("refuses to replace a folder, and removes its temporary file", () => {
    const folder = temporaryDirectory();
    mkdirSync(join(folder, "a/b"), { recursive: true });
    expect(() => writeFileAtomic(join(folder, "a"), "x")).toThrow(
      expect.objectContaining({ kind: "failed" }),
    );
    expect(readdirSync(folder)).toEqual(["a"]);
  });

  test.each([
    ["openSync", "EMFILE"],
    ["writeSync", "ENOSPC"],
    ["fsyncSync", "EIO"],
    ["renameSync", "EROFS"],
  ] as const)("leaves the old file and nothing else when %s fails with %s", (call, code) => {
    const folder = temporaryDirectory();
    const path = join(folder, "a");
    writeFileSync(path, "old");
    const handles = openHandles();
    injectFault(call, () => {
      throw Object.assign(new Error(code), { code });
    });
    expect(() => writeFileAtomic(path, "new")).toThrow(expect.objectContaining({ code }));
    restoreFileSystem();
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(folder)).toEqual(["a"]);
    expect(openHandles()).toBe(handles);
  });

  test("goes on where the system stopped short", () => {
    const path = join(temporaryDirectory(), "a");
    injectFault("writeSync", (...[handle, bytes, offset, length, position]: WriteArguments) =>
      real.writeSync(handle, bytes, offset, Math.min(length, 3), position),
    );
    writeFileAtomic(path, "eleven more");
    expect(readFileSync(path, "utf8")).toBe("eleven more");
  });
});

test("bytes are written at a position, in pieces too", () => {
  const path = join(temporaryDirectory(), "a");
  writeFileSync(path, "..........");
  injectFault("writeSync", (...[handle, bytes, offset, , position]: WriteArguments) =>
    real.writeSync(handle, bytes, offset, 1, position),
  );
  const handle = openSync(path, "r+");
  writeFully(handle, Buffer.from("abc"), 4);
  closeSync(handle);
  expect(readFileSync(path, "utf8")).toBe("....abc...");
});

describe("syncing a folder", () => {
  test.each(["EINVAL", "EBADF", "ENOTSUP", "EPERM"])(
    "accepts %s: a network file system that can not do it",
    (code) => {
      injectFault("fsyncSync", () => {
        throw Object.assign(new Error(code), { code });
      });
      expect(() => syncDirectory(temporaryDirectory())).not.toThrow();
    },
  );

  test("reports any other failure, and closes the folder", () => {
    const folder = temporaryDirectory();
    const handles = openHandles();
    injectFault("fsyncSync", () => {
      throw Object.assign(new Error("EIO"), { code: "EIO" });
    });
    expect(() => syncDirectory(folder)).toThrow(expect.objectContaining({ code: "EIO" }));
    expect(openHandles()).toBe(handles);
  });

  test.each(["EISDIR", "EPERM", "EACCES"])("accepts %s: a system that can not open a folder", (code) => {
    injectFault("openSync", () => {
      throw Object.assign(new Error(code), { code });
    });
    expect(() => syncDirectory("anywhere")).not.toThrow();
  });

  test("reports a folder that is gone", () => {
    expect(() => syncDirectory(join(temporaryDirectory(), "gone"))).toThrow(
      expect.objectContaining({ code: "ENOENT" }),
    );
  });
});

describe("a private folder", () => {
  test.skipIf(hasNoModes)("is made with its parents, for the user alone, whatever the umask", () => {
    const top = temporaryDirectory();
    const umask = process.umask(0);
    try {
      makePrivateDirectory(join(top, "a/b"));
    } finally {
      process.umask(umask);
    }
    expect([statSync(join(top, "a")).mode & 0o777, statSync(join(top, "a/b")).mode & 0o777]).toEqual([
      0o700, 0o700,
    ]);
  });

  test("that is there already stays as it is", () => {
    const top = temporaryDirectory();
    chmodSync(top, 0o755);
    makePrivateDirectory(top);
    expect(statSync(top).mode & 0o777).toBe(
      process.platform === "win32" ? statSync(top).mode & 0o777 : 0o755,
    );
  });

  test("that can not be made is named", () => {
    const file = join(temporaryDirectory(), "file");
    writeFileSync(file, "");
    expect(() => makePrivateDirectory(join(file, "a"))).toThrow(
      expect.objectContaining({ code: "ENOTDIR", message: expect.stringContaining("cannot create") }),
    );
  });
});

type WriteArguments = [
  handle: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
  position: number | null,
];

/** Puts another function in the place of one of `node:fs`, for every module. */
function injectFault(name: keyof typeof fs, fault: (...args: never[]) => unknown): void {
  const faulty = { ...real, [name]: fault };
  void mock.module("node:fs", () => ({ ...faulty, default: faulty }));
}

function restoreFileSystem(): void {
  void mock.module("node:fs", () => ({ ...real, default: real }));
}

function openHandles(): number {
  return process.platform === "linux" ? real.readdirSync("/proc/self/fd").length : 0;
}
