import { afterEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { type FolderStats, openFolderStats } from "../../src/platform/folder-stats.ts";
import { currentSystem } from "../../src/platform/system.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";
import { cannotRun } from "../helpers/skip.ts";

const BILLION = 1_000_000_000n;
let open: FolderStats | undefined;
afterEach(() => open?.close());

function folderStats(root: string): FolderStats {
  open = openFolderStats(root);
  if (open === undefined) throw new Error("statx can not be called here");
  return open;
}

/** What Node says about a path, in the order of an answer. */
function expected(path: string | Buffer): number[] {
  const stat = lstatSync(path, { bigint: true });
  const { ctimeNs, mtimeNs, dev, ino, mode, uid, gid, size } = stat;
  const time = (ns: bigint): bigint[] => [
    (ns - (((ns % BILLION) + BILLION) % BILLION)) / BILLION,
    ((ns % BILLION) + BILLION) % BILLION,
  ];
  const numbers = [...time(ctimeNs), ...time(mtimeNs), dev, ino, mode, uid, gid, size, size >> 32n];
  return numbers.map((number) => Number(BigInt.asUintN(32, number)));
}

describe.skipIf(cannotRun(currentSystem() !== "linux", "statx is a call of Linux"))("statx", () => {
  test("says of every kind of file what lstat says", () => {
    const root = temporaryDirectory();
    writeFileSync(join(root, "file"), "content");
    writeFileSync(join(root, "run"), "");
    chmodSync(join(root, "run"), 0o4751);
    writeFileSync(join(root, "large"), "");
    truncateSync(join(root, "large"), 5 * 2 ** 32 + 7);
    for (const [name, time] of [
      ["old", -1.5],
      ["late", 2 ** 32 + 5.25],
    ] as const) {
      writeFileSync(join(root, name), "x");
      utimesSync(join(root, name), time, time);
    }
    symlinkSync("nowhere", join(root, "link"));
    mkdirSync(join(root, "folder"));
    Bun.spawnSync(["mkfifo", join(root, "fifo")]);
    const folder = folderStats(root);
    expect(folder.enter("")).toBe(true);
    for (const name of ["file", "run", "large", "old", "late", "link", "folder", "fifo"]) {
      expect([name, folder.look(name, 0)]).toEqual([name, true]);
      expect([name, ...folder.answer]).toEqual([name, ...expected(join(root, name))]);
    }
    expect(folder.look("", 0)).toBe(true);
    expect([...folder.answer]).toEqual(expected(root));
  });

  test("takes names as bytes, and only what follows the start", () => {
    const root = join(temporaryDirectory(), "ünï");
    const name = `a\xff\n${"\xe9".repeat(250)}`;
    mkdirSync(join(root, "sub"), { recursive: true });
    const path = Buffer.concat([Buffer.from(`${root}/sub/`), Buffer.from(name, "latin1")]);
    writeFileSync(path, "1");
    const folder = folderStats(root);
    expect(folder.enter("sub")).toBe(true);
    expect(folder.look(`sub/${name}`, 4)).toBe(true);
    expect([...folder.answer]).toEqual(expected(path));
  });

  test("has no answer for what is not there, below a link, or too long", () => {
    const root = temporaryDirectory();
    mkdirSync(join(root, "folder"));
    writeFileSync(join(root, "folder/a"), "1");
    symlinkSync("folder", join(root, "link"));
    const folder = folderStats(root);
    expect([folder.enter("link"), folder.look("a", 0)]).toEqual([false, false]);
    expect([folder.enter("folder/a"), folder.look("a", 0)]).toEqual([false, false]);
    expect(folder.enter("x".repeat(5000))).toBe(false);
    expect(folder.enter("folder")).toBe(true);
    expect([folder.look("a", 0), folder.look("b", 0), folder.look("x".repeat(5000), 0)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test("looks at many names in one go, up to the first without an answer", () => {
    const root = temporaryDirectory();
    const names = Array.from({ length: 100 }, (_, number) => `name-${number}`);
    for (const [number, name] of names.entries()) writeFileSync(join(root, name), "x".repeat(number));
    const bytes = Buffer.from(new ArrayBuffer(names.join("\0").length + 1));
    bytes.write(names.join("\0"));
    const places = Uint32Array.from(names, (name) => bytes.indexOf(`${name}\0`));
    const folder = folderStats(root);
    const sizes = (count: number): (number | undefined)[] =>
      Array.from({ length: count }, (_, at) => folder.answers[at * folder.layout.row + folder.layout.size]);
    expect(folder.lookAtAll(bytes, places, 0, 3)).toBe(0);
    folder.enter("");
    expect(folder.lookAtAll(bytes, places, 5, 8)).toBe(3);
    expect(sizes(3)).toEqual([5, 6, 7]);
    const atOnce = folder.lookAtAll(bytes, places, 0, 100);
    expect(atOnce).toBeGreaterThan(1);
    expect(atOnce).toBeLessThan(100);
    const { layout } = folder;
    for (const name of names.slice(0, atOnce)) {
      const row = names.indexOf(name) * layout.row;
      const [ctime, ctimeNs, mtime, mtimeNs, , inode, mode, uid, gid, size] = expected(join(root, name));
      const { ctimeSeconds, ctimeNanoseconds, mtimeSeconds, mtimeNanoseconds } = layout;
      const fields = [ctimeSeconds, ctimeNanoseconds, mtimeSeconds, mtimeNanoseconds];
      const all = [...fields, layout.inode, layout.mode, layout.uid, layout.gid, layout.size];
      expect(all.map((field) => folder.answers[row + field])).toEqual([
        ctime,
        ctimeNs,
        mtime,
        mtimeNs,
        inode,
        mode,
        uid,
        gid,
        size,
      ] as number[]);
    }
    rmSync(join(root, "name-2"));
    expect(folder.lookAtAll(bytes, places, 0, 10)).toBe(2);
    expect(folder.lookAtAll(bytes, places, 2, 10)).toBe(0);
  });

  test("looks at an open file, also while no folder is entered", () => {
    const root = temporaryDirectory();
    writeFileSync(join(root, "file"), "content");
    const handle = openSync(join(root, "file"), "r");
    const folder = folderStats(root);
    expect(folder.lookAtHandle(handle)).toBe(true);
    expect([...folder.answer]).toEqual(expected(join(root, "file")));
    closeSync(handle);
    expect(folder.lookAtHandle(handle)).toBe(false);
  });

  test("looks at any path below the root, whatever was entered, and follows no link at its end", () => {
    const root = temporaryDirectory();
    mkdirSync(join(root, "folder"));
    writeFileSync(join(root, "folder/file"), "content");
    symlinkSync("file", join(root, "folder/link"));
    const folder = folderStats(root);
    for (const path of ["folder/file", "folder/link", "folder"]) {
      expect(folder.lookBelow(path)).toBe(true);
      expect([...folder.answer]).toEqual(expected(join(root, path)));
    }
    expect(folder.lookBelow("folder/none")).toBe(false);
    expect(folder.lookBelow(`folder/${"x".repeat(5000)}`)).toBe(false);
  });

  test("lists the folder that was entered", () => {
    const root = temporaryDirectory();
    mkdirSync(join(root, "folder"));
    writeFileSync(join(root, "folder/a"), "");
    const folder = folderStats(root);
    expect(folder.list()).toBeUndefined();
    folder.enter("folder");
    expect(folder.list()?.names()).toEqual(["a"]);
    folder.enter("");
    expect(folder.list()?.names()).toEqual(["folder"]);
  });

  test("leaves no handle open", () => {
    const root = temporaryDirectory();
    mkdirSync(join(root, "folder"));
    const next = (): number => {
      const handle = openSync(root, "r");
      closeSync(handle);
      return handle;
    };
    const before = next();
    const folder = folderStats(root);
    for (let round = 0; round < 20; round++) folder.enter(round % 2 === 0 ? "folder" : "gone");
    folder.close();
    expect(next()).toBe(before);
  });
});
