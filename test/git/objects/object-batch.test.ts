import { afterEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { STREAM_THRESHOLD } from "../../../src/git/objects/deflate.ts";
import { hashObject } from "../../../src/git/objects/hash-object.ts";
import { loosePath } from "../../../src/git/objects/loose-object.ts";
import { openObjectBatch } from "../../../src/git/objects/object-batch.ts";
import { type ObjectStore, openObjectStore } from "../../../src/git/objects/object-store.ts";
import { serializeTree } from "../../../src/git/objects/tree-object.ts";
import { MODE } from "../../../src/git/model.ts";
import { fsck, git, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";
import { noise, prose } from "./sample-repository.ts";

const opened: ObjectStore[] = [];

afterEach(() => {
  for (const store of opened.splice(0)) store.close();
});

describe("a batch", () => {
  test("of nine small objects becomes loose files that git reads", () => {
    const { repository, store } = emptyStore();
    const batch = openObjectBatch(store);
    const oids = Array.from({ length: 9 }, (_, count) => batch.write("blob", Buffer.from(`blob ${count}`)));
    expect(looseFiles(repository)).toEqual([]);
    batch.finish();
    expect(looseFiles(repository).sort()).toEqual([...oids].sort());
    expect(packs(repository)).toEqual([]);
    for (const [count, oid] of oids.entries())
      expect(git(repository, "cat-file", "blob", oid)).toBe(`blob ${count}`);
    expect(statSync(loosePath(objectsOf(repository), oids[0]!)).mode & 0o777).toBe(0o444);
    expect(leftovers(repository)).toEqual([]);
    fsck(repository);
  });

  test("of ten objects becomes one pack that git verifies", () => {
    const { repository, store } = emptyStore();
    const batch = openObjectBatch(store);
    const oids = Array.from({ length: 10 }, (_, count) => batch.write("blob", Buffer.from(`blob ${count}`)));
    const tree = batch.write(
      "tree",
      serializeTree(oids.map((oid, count) => ({ mode: MODE.file, name: `f${count}`, oid }))),
    );
    batch.finish();
    expect(looseFiles(repository)).toEqual([]);
    const [pack, ...others] = packs(repository);
    expect(others).toEqual([]);
    expect(git(repository, "verify-pack", "-v", `${pack}.idx`)).toContain("non delta: 11 objects");
    expect(git(repository, "ls-tree", "-r", "--name-only", tree).split("\n")).toHaveLength(10);
    expect(leftovers(repository)).toEqual([]);
    expect(store.locate(tree)?.kind).toBe("packed");
    fsck(repository);
  });

  test("gives back at once what was written, before others see it", () => {
    const { store } = emptyStore();
    const batch = openObjectBatch(store);
    const written = Array.from({ length: 30 }, (_, count) => {
      const bytes = prose(count * 100, count);
      const oid = batch.write("blob", bytes);
      expect(Buffer.from(batch.read(oid).bytes).equals(bytes)).toBe(true);
      expect(batch.header(oid)).toEqual({ kind: "blob", size: bytes.length });
      expect(batch.has(oid)).toBe(true);
      expect(store.has(oid)).toBe(false);
      return { oid, bytes };
    });
    for (const { oid, bytes } of written) expect(Buffer.from(batch.read(oid).bytes).equals(bytes)).toBe(true);
    batch.finish();
    for (const { oid, bytes } of written) {
      expect(Buffer.from(store.read(oid).bytes).equals(bytes)).toBe(true);
      expect(Buffer.from(batch.read(oid).bytes).equals(bytes)).toBe(true);
    }
    expect(() => batch.read("0".repeat(40))).toThrow(expect.objectContaining({ code: "OBJECT_MISSING" }));
    expect(() => batch.header("0".repeat(40))).toThrow(expect.objectContaining({ code: "OBJECT_MISSING" }));
    expect(batch.has("0".repeat(40))).toBe(false);
  });

  test("keeps a copy: the caller may use its buffer again", () => {
    const { store } = emptyStore();
    const batch = openObjectBatch(store);
    const buffer = Buffer.from("first");
    const oid = batch.write("blob", buffer);
    buffer.write("later");
    batch.finish();
    expect(Buffer.from(store.read(oid).bytes).toString()).toBe("first");
  });

  test("writes nothing that is there already, loose or packed or in the batch itself", () => {
    const { repository, store } = emptyStore();
    const loose = gitRaw(repository, ["hash-object", "-w", "--stdin"], { input: "loose" }).toString().trim();
    const packed = gitRaw(repository, ["hash-object", "-w", "--stdin"], { input: "packed" })
      .toString()
      .trim();
    gitRaw(repository, ["pack-objects", "-q", ".git/objects/pack/pack"], { input: `${packed}\n` });
    git(repository, "prune-packed");
    const old = new Date("2020-01-01");
    utimesSync(loosePath(objectsOf(repository), loose), old, old);
    utimesSync(`${packs(repository)[0]}.pack`, old, old);
    const batch = openObjectBatch(store, {
      clock: { now: () => 1.7e12, monotonic: () => 0, utcOffset: () => 0 },
    });
    for (let round = 0; round < 2; round++) {
      expect(batch.write("blob", Buffer.from("loose"))).toBe(loose);
      expect(batch.write("blob", Buffer.from("packed"))).toBe(packed);
    }
    for (let count = 0; count < 20; count++) batch.write("blob", Buffer.from("the same"));
    batch.finish();
    expect(looseFiles(repository).sort()).toEqual(
      [loose, hashObject("blob", Buffer.from("the same"))].sort(),
    );
    expect(packs(repository)).toHaveLength(1);
    // Fresh again, so that a `git gc` beside us does not prune what will be referenced in a moment.
    expect(statSync(loosePath(objectsOf(repository), loose)).mtimeMs).toBe(1.7e12);
    expect(statSync(`${packs(repository)[0]}.pack`).mtimeMs).toBe(1.7e12);
  });

  test("that is empty leaves nothing, and one that is discarded neither", () => {
    const { repository, store } = emptyStore();
    openObjectBatch(store).finish();
    for (const objects of [3, 30]) {
      const batch = openObjectBatch(store);
      for (let count = 0; count < objects; count++) batch.write("blob", Buffer.from(`blob ${count}`));
      batch.discard();
      batch.discard();
      batch.finish();
    }
    expect(looseFiles(repository)).toEqual([]);
    expect(packs(repository)).toEqual([]);
    expect(leftovers(repository)).toEqual([]);
  });

  test("may be used again after finish, and two may be open at once", () => {
    const { repository, store } = emptyStore();
    const first = openObjectBatch(store);
    const second = openObjectBatch(store);
    for (let count = 0; count < 12; count++) {
      first.write("blob", Buffer.from(`first ${count}`));
      second.write("blob", Buffer.from(`second ${count}`));
    }
    second.finish();
    first.finish();
    first.discard();
    expect(packs(repository)).toHaveLength(2);
    const again = first.write("blob", Buffer.from("again"));
    first.finish();
    expect(git(repository, "cat-file", "blob", again)).toBe("again");
    fsck(repository);
  });

  test("of few but large objects becomes a pack", () => {
    const { repository, store } = emptyStore();
    const batch = openObjectBatch(store);
    const small = batch.write("blob", Buffer.from("small"));
    const large = batch.write("blob", prose(STREAM_THRESHOLD + 5));
    batch.finish();
    expect(git(repository, "cat-file", "-s", large)).toBe(String(STREAM_THRESHOLD + 5));
    expect(looseFiles(repository)).toEqual([]);
    expect(store.locate(small)?.kind).toBe("packed");
    fsck(repository);
  });

  test("makes the folders of a repository that has none yet", () => {
    const { repository, store } = emptyStore();
    rmSync(join(repository, ".git/objects/pack"), { recursive: true });
    const batch = openObjectBatch(store);
    for (let count = 0; count < 10; count++) batch.write("blob", Buffer.from(`blob ${count}`));
    batch.finish();
    expect(packs(repository)).toHaveLength(1);
    fsck(repository);
  });

  test("of every kind and every odd size is what git would have written", () => {
    const { repository, store } = emptyStore();
    const batch = openObjectBatch(store);
    const sizes = [0, 1, 15, 16, 17, 2047, 2048, 2049, 65_535, 65_536, 65_537, 262_143, 262_144];
    const written = sizes
      .flatMap((size) => [prose(size), noise(size)])
      .map((bytes) => ({ bytes, oid: batch.write("blob", bytes) }));
    batch.finish();
    for (const { bytes, oid } of written) {
      expect(gitRaw(repository, ["cat-file", "blob", oid]).equals(bytes)).toBe(true);
    }
    fsck(repository);
  });
});

describe("a damaged loose file", () => {
  for (const [name, content] of [
    ["empty", ""],
    ["torn", "\u0078\u0001half"],
  ] as const) {
    test(`that is ${name} is replaced when its object is written again`, () => {
      const { repository, store } = emptyStore();
      const oid = hashObject("blob", Buffer.from("content"));
      putFile(loosePath(objectsOf(repository), oid), content);
      const batch = openObjectBatch(store);
      expect(batch.write("blob", Buffer.from("content"))).toBe(oid);
      batch.finish();
      expect(git(repository, "cat-file", "blob", oid)).toBe("content");
      expect(packs(repository)).toEqual([]);
      fsck(repository);
    });

    test(`that is ${name} is removed once a pack holds its object`, () => {
      const { repository, store } = emptyStore();
      const oid = hashObject("blob", Buffer.from("content"));
      putFile(loosePath(objectsOf(repository), oid), content);
      const batch = openObjectBatch(store);
      batch.write("blob", Buffer.from("content"));
      for (let count = 0; count < 10; count++) batch.write("blob", Buffer.from(`blob ${count}`));
      batch.finish();
      expect(git(repository, "cat-file", "blob", oid)).toBe("content");
      expect(existsSync(loosePath(objectsOf(repository), oid))).toBe(false);
      fsck(repository);
    });
  }
});

describe("a blob from a file", () => {
  const sizes = [0, 1, 70_000, STREAM_THRESHOLD, STREAM_THRESHOLD + 1, 6_000_000];
  for (const size of sizes) {
    test(`of ${size} bytes is stored as git stores it`, () => {
      const { repository, store } = emptyStore();
      for (const [name, bytes] of [
        ["text", prose(size)],
        ["noise", noise(size)],
      ] as const) {
        const path = join(repository, name);
        writeFileSync(path, bytes);
        const batch = openObjectBatch(store);
        const oid = withFile(path, (handle) => batch.writeBlobFrom(handle, size));
        expect(oid).toBe(git(repository, "hash-object", name));
        expect(Buffer.from(batch.read(oid).bytes).equals(bytes)).toBe(true);
        expect(batch.header(oid).size).toBe(size);
        batch.finish();
        expect(gitRaw(repository, ["cat-file", "blob", oid]).equals(bytes)).toBe(true);
      }
      fsck(repository);
    });
  }

  test("that is there already takes no space, and what follows it is whole", () => {
    const { repository, store } = emptyStore();
    const path = join(repository, "large");
    writeFileSync(path, prose(5_000_000));
    git(repository, "hash-object", "-w", "large");
    const batch = openObjectBatch(store);
    const before = batch.write("blob", Buffer.from("before"));
    const other = join(repository, "other");
    writeFileSync(other, prose(5_000_000, 2));
    for (const file of [path, other, other, path])
      withFile(file, (handle) => batch.writeBlobFrom(handle, 5_000_000));
    const after = batch.write("blob", Buffer.from("after"));
    expect(Buffer.from(batch.read(before).bytes).toString()).toBe("before");
    batch.finish();
    expect(git(repository, "verify-pack", "-v", `${packs(repository)[0]}.idx`)).toContain(
      "non delta: 3 objects",
    );
    expect(git(repository, "cat-file", "blob", after)).toBe("after");
    fsck(repository);
  });

  test("that is there already alone leaves no empty pack", () => {
    const { repository, store } = emptyStore();
    writeFileSync(join(repository, "large"), prose(5_000_000));
    git(repository, "hash-object", "-w", "large");
    const batch = openObjectBatch(store);
    withFile(join(repository, "large"), (handle) => batch.writeBlobFrom(handle, 5_000_000));
    batch.finish();
    expect(packs(repository)).toEqual([]);
    expect(leftovers(repository)).toEqual([]);
  });

  test("that changed its size meanwhile is refused, and the batch goes on", () => {
    const { repository, store } = emptyStore();
    const path = join(repository, "file");
    const batch = openObjectBatch(store);
    const changed = expect.objectContaining({ kind: "failed", code: "FILE_CHANGED" });
    for (const size of [10_000, 5_000_000]) {
      const kept = batch.write("blob", Buffer.from(`kept ${size}`));
      writeFileSync(path, prose(size));
      expect(() => withFile(path, (handle) => batch.writeBlobFrom(handle, size - 1))).toThrow(changed);
      const grown = openSync(path, "r+");
      ftruncateSync(grown, size / 2);
      expect(() => batch.writeBlobFrom(grown, size)).toThrow(changed);
      closeSync(grown);
      expect(Buffer.from(batch.read(kept).bytes).toString()).toBe(`kept ${size}`);
    }
    batch.finish();
    expect(git(repository, "count-objects", "-v")).toContain("in-pack: 2");
    fsck(repository);
  });

  test("that cannot be read is reported by the system's code", () => {
    const { repository, store } = emptyStore();
    const handle = openSync(repository, "r");
    const batch = openObjectBatch(store);
    expect(() => batch.writeBlobFrom(handle, 10)).toThrow(expect.objectContaining({ code: "EISDIR" }));
    closeSync(handle);
  });

  test("of 60 MB does not fill the memory", () => {
    const { repository, store } = emptyStore();
    const path = join(repository, "huge");
    const piece = noise(1_000_000);
    const handle = openSync(path, "w");
    for (let count = 0; count < 60; count++) writeFileSync(handle, piece);
    closeSync(handle);
    const script = `
      import { closeSync, openSync } from "node:fs";
      import { openObjectBatch } from "${join(import.meta.dir, "../../../src/git/objects/object-batch.ts")}";
      import { openObjectStore } from "${join(import.meta.dir, "../../../src/git/objects/object-store.ts")}";
      const store = openObjectStore(${JSON.stringify(join(repository, ".git"))});
      const batch = openObjectBatch(store);
      const before = process.memoryUsage.rss();
      const oid = batch.writeBlobFrom(openSync(${JSON.stringify(path)}, "r"), 60_000_000);
      batch.finish();
      const out = openSync(${JSON.stringify(join(repository, "copy"))}, "w");
      store.copyBlobTo(oid, out);
      closeSync(out);
      console.log(oid, Math.round((process.memoryUsage.rss() - before) / 1e6));
    `;
    const run = Bun.spawnSync([process.execPath, "-e", script]);
    const [oid, megabytes] = run.stdout.toString().trim().split(" ");
    expect(run.stderr.toString()).toBe("");
    expect(oid).toBe(git(repository, "hash-object", "huge"));
    expect(Number(megabytes)).toBeLessThan(45);
    expect(git(repository, "hash-object", "copy")).toBe(oid!);
    expect(store.header(oid!).size).toBe(60_000_000);
    fsck(repository);
  });
});

test("a folder that cannot be written is reported, and the store stays as it was", () => {
  const { repository, store } = emptyStore();
  const batch = openObjectBatch(store);
  batch.write("blob", Buffer.from("x"));
  mkdirSync(join(repository, ".git/lull"));
  writeFileSync(join(repository, ".git/lull/tmp"), "a file where the folder must be");
  expect(() => batch.finish()).toThrow(expect.objectContaining({ name: "LullError" }));
  batch.discard();
  rmSync(join(repository, ".git/lull/tmp"));
  // Objects cannot be renamed to where a file is in the way.
  const oid = batch.write("blob", Buffer.from("x"));
  writeFileSync(join(repository, ".git/objects", oid.slice(0, 2)), "in the way");
  expect(() => batch.finish()).toThrow(expect.objectContaining({ name: "LullError" }));
  batch.discard();
  rmSync(join(repository, ".git/objects", oid.slice(0, 2)));
  rmSync(join(repository, ".git/objects/pack"), { recursive: true });
  symlinkSync("/nonexistent/somewhere", join(repository, ".git/objects/pack"));
  for (let count = 0; count < 10; count++) batch.write("blob", Buffer.from(`blob ${count}`));
  expect(() => batch.finish()).toThrow(expect.objectContaining({ name: "LullError" }));
  batch.discard();
  rmSync(join(repository, ".git/objects/pack"));
  expect(looseFiles(repository)).toEqual([]);
  expect(leftovers(repository)).toEqual([]);
});

test("a temporary pack that somebody damages is noticed", () => {
  const { repository, store } = emptyStore();
  const batch = openObjectBatch(store);
  const oids = Array.from({ length: 12 }, (_, count) => batch.write("blob", prose(2000, count + 1)));
  for (const oid of oids) batch.read(oid);
  const [directory] = leftovers(repository);
  const path = join(repository, ".git/lull/tmp", directory!, "pack");
  chmodSync(path, 0o644);
  const bytes = readFileSync(path);
  writeFileSync(path, Buffer.alloc(bytes.length));
  expect(() => batch.read(oids[3]!)).toThrow(expect.objectContaining({ code: "OBJECT_CORRUPT" }));
  writeFileSync(path, bytes.subarray(0, 100));
  expect(() => batch.read(oids[11]!)).toThrow(expect.objectContaining({ code: "OBJECT_CORRUPT" }));
  expect(() => batch.finish()).toThrow(expect.objectContaining({ code: "DAMAGED_DATA" }));
  batch.discard();
  expect(packs(repository)).toEqual([]);
});

function emptyStore(): { repository: string; store: ObjectStore } {
  const repository = temporaryDirectory();
  git(repository, "init", "--quiet");
  const store = openObjectStore(join(repository, ".git"));
  opened.push(store);
  return { repository, store };
}

function objectsOf(repository: string): string {
  return join(repository, ".git/objects");
}

function looseFiles(repository: string): string[] {
  const objects = objectsOf(repository);
  const folders = readdirSync(objects).filter(
    (name) => name.length === 2 && statSync(join(objects, name)).isDirectory(),
  );
  return folders.flatMap((folder) => readdirSync(join(objects, folder)).map((name) => folder + name));
}

/** Paths without extension; each has both files, and the guard of one that is new. */
function packs(repository: string): string[] {
  const directory = join(objectsOf(repository), "pack");
  const names = readdirSync(directory).filter((name) => !/\.(?:rev|keep)$/.test(name));
  const found = names.filter((name) => name.endsWith(".pack")).map((name) => name.slice(0, -5));
  expect(names.sort()).toEqual(found.flatMap((name) => [`${name}.idx`, `${name}.pack`]).sort());
  return found.map((name) => join(directory, name));
}

function leftovers(repository: string): string[] {
  const directory = join(repository, ".git/lull/tmp");
  return existsSync(directory) ? readdirSync(directory) : [];
}

function putFile(path: string, content: string): void {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, Buffer.from(content, "latin1"));
}

function withFile<Result>(path: string, use: (handle: number) => Result): Result {
  const handle = openSync(path, "r");
  try {
    return use(handle);
  } finally {
    closeSync(handle);
  }
}
