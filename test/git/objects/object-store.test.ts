import { afterEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import { crc32, deflateSync } from "node:zlib";

import { EntryTable } from "../../../src/git/objects/entry-table.ts";
import { hashObject } from "../../../src/git/objects/hash-object.ts";
import { loosePath } from "../../../src/git/objects/loose-object.ts";
import { type ObjectStore, openObjectStore } from "../../../src/git/objects/object-store.ts";
import { encodeEntryHeader } from "../../../src/git/objects/pack-entry.ts";
import { encodePackIndex } from "../../../src/git/objects/pack-index-writer.ts";
import { EMPTY_TREE, ZERO_OID } from "../../../src/git/model.ts";
import { fsck, git, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";
import { allObjects, gitObject, noise, prose, sampleRepository } from "./sample-repository.ts";

const opened: ObjectStore[] = [];

afterEach(() => {
  for (const store of opened.splice(0)) store.close();
});

describe("reading", () => {
  test("gives every loose object as git does", () => {
    const repository = sampleRepository();
    expectSameAsGit(repository, storeOf(repository));
  });

  test("gives every object of a pack with long delta chains as git does", () => {
    const repository = sampleRepository();
    git(repository, "repack", "-adfq", "--depth=50", "--window=50");
    expect(git(repository, "count-objects", "-v")).toContain("count: 0");
    expectSameAsGit(repository, storeOf(repository));
  });

  test("gives every object of a pack whose deltas name their bases", () => {
    const repository = sampleRepository();
    git(repository, "-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq", "--depth=50");
    expectSameAsGit(repository, storeOf(repository));
  });

  test("follows a chain of 3000 deltas without recursion", () => {
    const repository = temporaryDirectory();
    git(repository, "init", "--quiet");
    const importer = ["blob", "mark :1", data(prose(3000))];
    const body = Array.from({ length: 3000 }, (_, round) => {
      const bytes = Buffer.concat([prose(3000), Buffer.from(`round ${round}\n`)]);
      return `blob\n${data(bytes)}`;
    });
    gitRaw(repository, ["-c", "core.deltaBaseCacheLimit=1m", "fast-import", "--quiet", "--depth=4000"], {
      input: `${importer.join("\n")}\n${body.join("\n")}\n`,
    });
    const [pack] = packsOf(repository);
    expect(git(repository, "verify-pack", "-v", `${pack}.idx`)).toContain("chain length = 2999: 1 object");
    const store = storeOf(repository);
    const last = Buffer.concat([prose(3000), Buffer.from("round 2999\n")]);
    expect(Buffer.from(store.read(hashObject("blob", last)).bytes).equals(last)).toBe(true);
    expect(store.header(hashObject("blob", last))).toEqual({ kind: "blob", size: last.length });
  });

  test("sees a pack that comes, and survives one that goes, while the store is open", () => {
    const repository = sampleRepository();
    const store = storeOf(repository);
    const oids = allObjects(repository);
    expect(store.has(oids[0]!)).toBe(true);
    git(repository, "repack", "-adq");
    for (const oid of oids) expect(hashObject(store.read(oid).kind, store.read(oid).bytes)).toBe(oid);
    writeFileSync(join(repository, "more"), "more");
    git(repository, "add", "more");
    git(repository, "commit", "-qm", "more");
    git(repository, "repack", "-adfq");
    for (const oid of allObjects(repository)) expect(store.has(oid)).toBe(true);
    expectSameAsGit(repository, store);
  });

  test("gives every object of a pack with an index of version 1", () => {
    const repository = sampleRepository();
    git(repository, "-c", "pack.indexVersion=1", "repack", "-adfq", "--depth=50");
    const [pack] = packsOf(repository);
    const index = readFileSync(`${pack}.idx`);
    expect(index.readUInt32BE(0)).toBeLessThan(1000);
    expectSameAsGit(repository, storeOf(repository));
    chmodSync(`${pack}.idx`, 0o644);
    chmodSync(`${pack}.pack`, 0o644);
    const original = readFileSync(`${pack}.pack`);
    const oid = git(repository, "rev-parse", "HEAD");
    for (const bytes of [index.subarray(0, -1), index.subarray(0, 1030), flip(index, 1500)]) {
      writeFileSync(`${pack}.idx`, bytes);
      expect(storeOf(repository).has(oid)).toBe(false);
    }
    writeFileSync(`${pack}.idx`, index);
    writeFileSync(`${pack}.pack`, flip(original, original.length >> 1));
    // Without checksums of entries nothing of a pack that changed can be trusted.
    expect(causesOf(() => storeOf(repository).read(oid)).join()).toContain("its own checksum");
  });

  test("borrows from alternates, nested and relative, as git does", () => {
    const [far, near, own] = [sampleRepository(), emptyRepository(), emptyRepository()];
    git(far, "repack", "-adq");
    const lend = (to: string, ...lines: readonly string[]): void =>
      writeFileSync(join(to, ".git/objects/info/alternates"), lines.map((line) => `${line}\n`).join(""));
    const inNear = gitRaw(near, ["hash-object", "-w", "--stdin"], { input: "near" }).toString().trim();
    lend(near, "# a comment", "", relative(join(near, ".git/objects"), join(far, ".git/objects")));
    lend(own, join(near, ".git/objects"), "/nonexistent/objects", join(own, ".git/objects"));
    // A circle does no harm.
    lend(far, join(own, ".git/objects"));
    const store = storeOf(own);
    expect(git(own, "cat-file", "-t", inNear)).toBe("blob");
    expect(Buffer.from(store.read(inNear).bytes).toString()).toBe("near");
    expect(store.locate(inNear)).toMatchObject({ kind: "loose" });
    expect(store.resolvePrefix(inNear.slice(0, 12))).toBe(inNear);
    for (const oid of allObjects(far)) {
      const { kind, bytes } = gitObject(own, oid);
      expect(store.read(oid)).toMatchObject({ kind: kind as "blob" });
      expect(Buffer.from(store.read(oid).bytes).equals(bytes)).toBe(true);
      expect(store.header(oid).size).toBe(bytes.length);
      expect(store.has(oid)).toBe(true);
    }
    expect(store.has(ZERO_OID)).toBe(false);
    git(far, "gc", "-q");
    for (const oid of allObjects(far)) expect(store.has(oid)).toBe(true);
  });

  test("knows the empty tree without storing it", () => {
    const store = storeOf(emptyRepository());
    expect(store.has(EMPTY_TREE)).toBe(true);
    expect(store.read(EMPTY_TREE)).toEqual({ kind: "tree", bytes: new Uint8Array(0) });
    expect(store.header(EMPTY_TREE)).toEqual({ kind: "tree", size: 0 });
    expect(store.locate(EMPTY_TREE)).toBeUndefined();
  });

  test("says that an object is missing, or that a name is none", () => {
    const store = storeOf(emptyRepository());
    for (const oid of [ZERO_OID, "not an oid", "../../../../../../etc/passwd-padding-padding-"]) {
      expect(store.has(oid)).toBe(false);
      expect(store.locate(oid)).toBeUndefined();
      expect(() => store.read(oid)).toThrow(
        expect.objectContaining({ code: "OBJECT_MISSING", data: { oid } }),
      );
      expect(() => store.header(oid)).toThrow(expect.objectContaining({ code: "OBJECT_MISSING" }));
      expect(() => [...store.chunks(oid)]).toThrow(expect.objectContaining({ code: "OBJECT_MISSING" }));
    }
  });
});

describe("large objects", () => {
  const text = prose(5_500_000);
  const binary = noise(4_300_000);

  test("above 4 MB are read whole, piece by piece and into files, loose and packed", () => {
    const repository = emptyRepository();
    const oids = [text, binary].map((bytes) =>
      gitRaw(repository, ["hash-object", "-w", "--stdin"], { input: bytes }).toString().trim(),
    );
    for (const packed of [false, true]) {
      if (packed) packEverything(repository, oids);
      const store = storeOf(repository);
      for (const [index, bytes] of [text, binary].entries()) {
        const oid = oids[index]!;
        expect(store.locate(oid)?.kind).toBe(packed ? "packed" : "loose");
        expect(store.header(oid)).toEqual({ kind: "blob", size: bytes.length });
        expect(Buffer.from(store.read(oid).bytes).equals(bytes)).toBe(true);
        expect(Buffer.concat([...copies(store.chunks(oid))]).equals(bytes)).toBe(true);
        const path = join(repository, `copy-${packed}`);
        const handle = openSync(path, "w");
        store.copyBlobTo(oid, handle);
        closeSync(handle);
        expect(readFileSync(path).equals(bytes)).toBe(true);
      }
    }
  });

  test("are opened piece by piece above a bound and whole below it, by one look", () => {
    const repository = emptyRepository();
    const oid = gitRaw(repository, ["hash-object", "-w", "--stdin"], { input: text }).toString().trim();
    for (const packed of [false, true]) {
      if (packed) packEverything(repository, [oid]);
      const store = storeOf(repository);
      const whole = store.open(oid, { wholeUpTo: text.length });
      expect({ ...whole, bytes: whole.bytes && Buffer.from(whole.bytes).equals(text) }).toEqual({
        kind: "blob",
        size: text.length,
        bytes: true,
      });
      const large = store.open(oid, { wholeUpTo: text.length - 1 });
      if (large.bytes !== undefined) throw new Error("it must not be in memory");
      expect([large.kind, large.size]).toEqual(["blob", text.length]);
      const pieces = [...copies(large.chunks)];
      expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThanOrEqual(128 * 1024);
      expect(Buffer.concat(pieces).equals(text)).toBe(true);
    }
    expect(storeOf(repository).open(EMPTY_TREE, { wholeUpTo: 0 })).toMatchObject({ kind: "tree", size: 0 });
    expect(() => storeOf(repository).open(ZERO_OID, { wholeUpTo: 0 })).toThrow(
      expect.objectContaining({ code: "OBJECT_MISSING" }),
    );
  });

  test("that are damaged are reported when their last piece is due", () => {
    const repository = emptyRepository();
    const oid = gitRaw(repository, ["hash-object", "-w", "--stdin"], { input: text }).toString().trim();
    packEverything(repository, [oid]);
    const [pack] = packsOf(repository);
    chmodSync(`${pack}.pack`, 0o644);
    const original = readFileSync(`${pack}.pack`);
    for (const at of [100, original.length >> 1, original.length - 25]) {
      writeFileSync(`${pack}.pack`, flip(original, at));
      const opened = storeOf(repository).open(oid, { wholeUpTo: 0 });
      if (opened.bytes !== undefined) throw new Error("it must not be in memory");
      expect(() => [...opened.chunks]).toThrow(
        expect.objectContaining({ code: "OBJECT_CORRUPT", data: { oid } }),
      );
    }
  });

  test("a blob that lies as a delta can be taken piece by piece too", () => {
    const repository = sampleRepository();
    git(repository, "repack", "-adfq");
    const store = storeOf(repository);
    for (const oid of allObjects(repository)) {
      expect(Buffer.concat([...copies(store.chunks(oid))]).equals(store.read(oid).bytes)).toBe(true);
    }
  });

  test("a file that cannot be written is reported as such", () => {
    const repository = sampleRepository();
    const handle = openSync(join(repository, "noise"), "r");
    const store = storeOf(repository);
    expect(() => store.copyBlobTo(git(repository, "rev-parse", "HEAD:noise"), handle)).toThrow(
      expect.objectContaining({ code: "EBADF" }),
    );
    closeSync(handle);
  });
});

describe("damage", () => {
  const oid = hashObject("blob", Buffer.from("content\n"));
  const good = deflateSync(Buffer.from("blob 8\0content\n"));
  const large = prose(300_000);

  for (const [name, file] of [
    ["is empty", Buffer.alloc(0)],
    ["is cut", good.subarray(0, -3)],
    ["goes on after the object", Buffer.concat([good, Buffer.from("x")])],
    ["has another content", deflateSync(Buffer.from("blob 8\0contenT\n"))],
    ["declares another size", deflateSync(Buffer.from("blob 9\0content\n"))],
    ["declares an impossible size", deflateSync(Buffer.from("blob 9007199254740991\0content\n"))],
    ["has another kind", deflateSync(Buffer.from("tree 8\0content\n"))],
    ["has no header", deflateSync(Buffer.from("content\n"))],
    ["is no zlib stream", Buffer.from("blob 8\0content\n")],
    ["is all zeros", Buffer.alloc(50)],
  ] as const) {
    test(`a loose file that ${name} is not trusted`, () => {
      const repository = emptyRepository();
      putLoose(repository, oid, file);
      const store = storeOf(repository);
      const corrupt = expect.objectContaining({ code: "OBJECT_CORRUPT", data: { oid } });
      expect(() => store.read(oid)).toThrow(corrupt);
      expect(() => [...store.chunks(oid)]).toThrow(corrupt);
      expect(store.has(oid)).toBe(file.length > 0);
    });
  }

  test("a large loose file is checked just as well", () => {
    const oid = hashObject("blob", large);
    const stream = deflateSync(Buffer.concat([Buffer.from(`blob ${large.length}\0`), large]));
    for (const file of [
      stream.subarray(0, -5),
      Buffer.concat([stream, Buffer.from("x")]),
      flip(stream, 70_000),
    ]) {
      const repository = emptyRepository();
      putLoose(repository, oid, file);
      expect(() => storeOf(repository).read(oid)).toThrow(
        expect.objectContaining({ code: "OBJECT_CORRUPT" }),
      );
    }
  });

  test("a flipped bit anywhere in a pack is found, or the object comes out right", () => {
    const repository = sampleRepository();
    git(repository, "repack", "-adfq");
    const [pack] = packsOf(repository);
    const path = `${pack}.pack`;
    const original = readFileSync(path);
    const oids = allObjects(repository);
    chmodSync(path, 0o644);
    let found = 0;
    for (let at = 0; at < original.length; at += 997) {
      writeFileSync(path, flip(original, at));
      const store = storeOf(repository);
      found += oids.some((oid) =>
        isRefused(() => hashObject(store.read(oid).kind, store.read(oid).bytes), oid),
      )
        ? 1
        : 0;
      store.close();
    }
    expect(found).toBe(Math.ceil(original.length / 997));
  });

  test("a good copy is used where there is a damaged one", () => {
    const repository = sampleRepository();
    const oid = git(repository, "rev-parse", "HEAD:size-2048");
    const loose = readFileSync(loosePath(join(repository, ".git/objects"), oid));
    git(repository, "repack", "-adfq");
    const [pack] = packsOf(repository);
    chmodSync(`${pack}.pack`, 0o644);
    const location = storeOf(repository).locate(oid);
    if (location?.kind !== "packed") throw new Error("it is packed");
    const offset = location.pack.index.offsetAt(location.position);
    writeFileSync(`${pack}.pack`, flip(readFileSync(`${pack}.pack`), offset + 20));
    expect(() => storeOf(repository).read(oid)).toThrow(expect.objectContaining({ code: "OBJECT_CORRUPT" }));
    putLoose(repository, oid, loose);
    expect(storeOf(repository).read(oid).bytes.length).toBe(2048);
    expect(storeOf(repository).header(oid).size).toBe(2048);
  });

  test("an index that is stray, half, corrupt or of another version is left aside, with the reason", () => {
    const repository = sampleRepository();
    git(repository, "repack", "-adfq");
    const [pack] = packsOf(repository);
    const index = readFileSync(`${pack}.idx`);
    chmodSync(`${pack}.idx`, 0o644);
    const oid = git(repository, "rev-parse", "HEAD");
    const other = Buffer.from(index);
    other.writeUInt32BE(3, 4);
    const fanOut = Buffer.from(index);
    fanOut.writeUInt32BE(0xffffffff, 8);
    const broken = {
      "cut short": index.subarray(0, 500),
      "wrong size": index.subarray(0, index.length - 21),
      checksum: flip(index, 1500),
      "fan-out": fanOut,
      "version 2": other,
      "cut short ": Buffer.alloc(0),
    };
    for (const [why, bytes] of Object.entries(broken)) {
      writeFileSync(`${pack}.idx`, bytes);
      const store = storeOf(repository);
      expect(store.has(oid)).toBe(false);
      expect(causesOf(() => store.read(oid)).join("\n")).toContain(why.trim());
    }
    writeFileSync(`${pack}.idx`, index);
    copyFileSync(`${pack}.idx`, join(repository, ".git/objects/pack/pack-stray.idx"));
    expectSameAsGit(repository, storeOf(repository));
  });

  test("a pack that is not the one its index describes is left aside", () => {
    const repository = sampleRepository();
    git(repository, "repack", "-adfq");
    const [pack] = packsOf(repository);
    const original = readFileSync(`${pack}.pack`);
    chmodSync(`${pack}.pack`, 0o644);
    const oid = git(repository, "rev-parse", "HEAD");
    for (const bytes of [
      Buffer.alloc(0),
      original.subarray(0, 5000),
      flip(original, 0),
      flip(original, 11),
    ]) {
      writeFileSync(`${pack}.pack`, bytes);
      const store = storeOf(repository);
      expect(store.has(oid)).toBe(false);
      expect(causesOf(() => store.read(oid)).join()).toContain("not the pack that its index describes");
    }
    rmSync(`${pack}.pack`);
    expect(causesOf(() => storeOf(repository).read(oid))[0]).toContain("was deleted");
  });

  test("a disk that cannot be read does not look like a missing object", () => {
    const repository = emptyRepository();
    mkdirSync(loosePath(join(repository, ".git/objects"), oid), { recursive: true });
    expect(() => storeOf(repository).read(oid)).toThrow(expect.objectContaining({ code: "EISDIR" }));
    const packs = join(repository, ".git/objects/pack");
    rmSync(packs, { recursive: true });
    writeFileSync(packs, "a file where the folder must be");
    expect(() => storeOf(repository).has(oid)).toThrow(expect.objectContaining({ code: "ENOTDIR" }));
  });
});

describe("a short name", () => {
  test("finds its object, loose or packed, or says that there are several", () => {
    const repository = sampleRepository();
    for (const packed of [false, true]) {
      if (packed) git(repository, "repack", "-adq");
      const store = storeOf(repository);
      for (const oid of allObjects(repository).slice(0, 20)) {
        expect(store.resolvePrefix(oid.slice(0, 9))).toBe(oid);
        expect(store.resolvePrefix(oid.slice(0, 10).toUpperCase())).toBe(oid);
        expect(store.resolvePrefix(oid)).toBe(oid);
      }
      expect(store.resolvePrefix("ffffffffffffffff")).toBeUndefined();
      expect(store.resolvePrefix("abc")).toBeUndefined();
      expect(store.resolvePrefix("wxyz")).toBeUndefined();
    }
    const objects = join(repository, ".git/objects");
    const [oid] = allObjects(repository);
    const twin = `${oid!.slice(0, 8)}${"0".repeat(32)}`;
    mkdirSync(join(objects, oid!.slice(0, 2)), { recursive: true });
    writeFileSync(loosePath(objects, twin), "x");
    writeFileSync(join(objects, oid!.slice(0, 2), "tmp_obj_x"), "x");
    expect(storeOf(repository).resolvePrefix(oid!.slice(0, 8))).toBe("ambiguous");
    git(repository, "prune-packed");
  });
});

test("2,000 packs are read with few handles, also after a repack beside us", () => {
  const repository = emptyRepository();
  const oids: string[] = [];
  const packs = join(repository, ".git/objects/pack");
  const add = (content: string): void => {
    const bytes = Buffer.from(content);
    const oid = hashObject("blob", bytes);
    const head = Buffer.from("PACK\0\0\0\u0002\0\0\0\u0001", "latin1");
    const entry = Buffer.concat([encodeEntryHeader("blob", bytes.length), deflateSync(bytes)]);
    const body = Buffer.concat([head, entry]);
    const checksum = new Bun.CryptoHasher("sha1").update(body).digest();
    const entries = new EntryTable();
    entries.add(12, crc32(entry), Buffer.from(oid, "hex"));
    writeFileSync(join(packs, `pack-${checksum.toString("hex")}.pack`), Buffer.concat([body, checksum]));
    writeFileSync(join(packs, `pack-${checksum.toString("hex")}.idx`), encodePackIndex(entries, checksum));
    oids.push(oid);
  };
  for (let count = 0; count < 2000; count++) add(`blob ${count}`);
  const store = storeOf(repository);
  const before = readdirSync("/proc/self/fd").length;
  const readAll = (): void => {
    for (const [count, oid] of oids.entries()) {
      expect(Buffer.from(store.read(oid).bytes).toString()).toBe(`blob ${count}`);
    }
    expect(readdirSync("/proc/self/fd").length - before).toBeLessThanOrEqual(64);
  };
  readAll();
  // A place found earlier opens its pack again, and that handle counts too.
  const places = oids.map((oid) => store.locate(oid));
  for (const place of places) if (place?.kind === "packed") place.pack.file.header(12);
  expect(readdirSync("/proc/self/fd").length - before).toBeLessThanOrEqual(64);
  for (let count = 2000; count < 2100; count++) add(`blob ${count}`);
  readAll();
  expect(store.has(ZERO_OID)).toBe(false);
  const tree = gitRaw(repository, ["mktree"], {
    input: oids.map((oid, count) => `100644 blob ${oid}\t${count}\n`).join(""),
  });
  const commit = git(repository, "commit-tree", "-m", "all", tree.toString().trim());
  git(repository, "update-ref", "refs/heads/main", commit);
  git(repository, "repack", "-adq");
  expect(packsOf(repository)).toHaveLength(1);
  readAll();
  git(repository, "gc", "-q");
  readAll();
  fsck(repository);
});

function storeOf(repository: string): ObjectStore {
  const store = openObjectStore(join(repository, ".git"));
  opened.push(store);
  return store;
}

function emptyRepository(): string {
  const repository = temporaryDirectory();
  git(repository, "init", "--quiet");
  return repository;
}

function expectSameAsGit(repository: string, store: ObjectStore): void {
  for (const oid of allObjects(repository)) {
    const { kind, bytes } = gitObject(repository, oid);
    const object = store.read(oid);
    expect(object.kind).toBe(kind as "blob");
    expect(Buffer.from(object.bytes).equals(bytes)).toBe(true);
    expect(store.header(oid)).toEqual({ kind: object.kind, size: bytes.length });
    expect(store.has(oid)).toBe(true);
  }
}

function packEverything(repository: string, oids: readonly string[]): void {
  gitRaw(repository, ["pack-objects", "-q", ".git/objects/pack/pack"], { input: `${oids.join("\n")}\n` });
  git(repository, "prune-packed");
}

/** Paths without extension. */
function packsOf(repository: string): string[] {
  const directory = join(repository, ".git/objects/pack");
  return readdirSync(directory)
    .filter((name) => name.endsWith(".pack"))
    .map((name) => join(directory, name.slice(0, -5)));
}

function putLoose(repository: string, oid: string, bytes: Uint8Array): void {
  const path = loosePath(join(repository, ".git/objects"), oid);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, bytes);
}

function flip(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at]! ^= 0x10;
  return copy;
}

/** True when the read fails as damaged or missing; throws when it gives a wrong object. */
function isRefused(read: () => string, oid: string): boolean {
  try {
    if (read() !== oid) throw new Error(`a damaged ${oid} was given out`);
    return false;
  } catch (error) {
    expect(error).toMatchObject({ code: expect.stringMatching(/^OBJECT_(CORRUPT|MISSING)$/) });
    return true;
  }
}

function causesOf(step: () => unknown): readonly string[] {
  try {
    step();
  } catch (error) {
    expect(error).toMatchObject({ code: "OBJECT_MISSING" });
    return (error as { causes: readonly string[] }).causes;
  }
  throw new Error("nothing was thrown");
}

function* copies(chunks: Iterable<Uint8Array>): Generator<Buffer> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

function data(bytes: Buffer): string {
  return `data ${bytes.length}\n${bytes.toString()}`;
}
