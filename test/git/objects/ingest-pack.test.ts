import { afterEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";

import { LullError } from "../../../src/base/errors.ts";
import { hashObject } from "../../../src/git/objects/hash-object.ts";
import { ingestPack } from "../../../src/git/objects/ingest-pack.ts";
import { type ObjectStore, openObjectStore } from "../../../src/git/objects/object-store.ts";
import { encodeEntryHeader } from "../../../src/git/objects/pack-entry.ts";
import { fsck, git, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";
import { allObjects, errorOf, noise, prose, sampleRepository } from "./sample-repository.ts";

const opened: ObjectStore[] = [];

afterEach(() => {
  for (const store of opened.splice(0)) store.close();
});

describe("a pack from git", () => {
  for (const [name, ...options] of [
    ["with deltas by distance", "--delta-base-offset"],
    ["with deltas by name"],
    ["with chains as deep as they get", "--delta-base-offset", "--depth=200", "--window=200"],
    ["without deltas", "--depth=0"],
  ]) {
    for (const size of [1, 7, 4096, 1 << 22]) {
      test(`${name} is taken in from pieces of ${size} bytes`, async () => {
        const source = sampleRepository();
        const pack = packOf(source, ["--revs", "--all"], options).subarray(0);
        const { repository, store } = emptyStore();
        const progress: string[] = [];
        // Byte by byte is slow beyond reason for the whole; the start and the end are where it matters.
        const stream =
          size === 1
            ? [...pieces(pack.subarray(0, 50), 1), pack.subarray(50, -50), ...pieces(pack.subarray(-50), 1)]
            : pieces(pack, size);
        const result = await ingestPack(store, streamOf(stream), {
          onProgress: (step, done, total) => progress.push(`${step} ${done} ${total}`),
        });
        const oids = allObjects(source);
        expect(result).toMatchObject({
          objects: oids.length,
          bytes: pack.length,
          pack: `pack-${pack.subarray(-20).toString("hex")}`,
        });
        expect(progress).toContain(`receiving ${pack.length} undefined`);
        expect(progress.at(-1)).toBe(`resolving ${oids.length} ${oids.length}`);
        for (const oid of oids) expect(hashObject(store.read(oid).kind, store.read(oid).bytes)).toBe(oid);
        for (const oid of oids) expect(result.isWhole(oid)).toBe(true);
        expect(result.isWhole("1".repeat(40))).toBe(false);
        expectSameIndexAsGit(repository);
        expect(leftovers(repository)).toEqual([]);
        git(repository, "update-ref", "refs/heads/main", git(source, "rev-parse", "HEAD"));
        fsck(repository);
      });
    }
  }

  test("that is thin is completed from the store, as git does", async () => {
    const source = sampleRepository();
    const { repository, store } = emptyStore();
    const old = git(source, "rev-parse", "HEAD~4");
    await ingestPack(store, streamOf([packOf(source, ["--revs"], [], `${old}\n`)]));
    const thin = packOf(source, ["--revs", "--thin", "--delta-base-offset"], [], `HEAD\n^${old}\n`);
    expect(() => gitRaw(temporaryDirectory(), ["index-pack", "--stdin"], { input: thin })).toThrow();
    const result = await ingestPack(store, streamOf(pieces(thin, 999)));
    expect(result.objects).toBe(thin.readUInt32BE(8));
    // Its commits build upon one that was here before: only a walk can tell whether that one is whole.
    expect(result.isWhole(git(source, "rev-parse", "HEAD"))).toBe(false);
    expect(result.pack).not.toBe(`pack-${thin.subarray(-20).toString("hex")}`);
    const verified = git(
      repository,
      "verify-pack",
      "-v",
      join(repository, ".git/objects/pack", `${result.pack}.idx`),
    );
    expect(verified).toContain("chain length");
    git(repository, "update-ref", "refs/heads/main", git(source, "rev-parse", "HEAD"));
    expectSameIndexAsGit(repository);
    fsck(repository);
  });

  test("that is thin is refused where its bases are not", async () => {
    const source = sampleRepository();
    const thin = packOf(source, ["--revs", "--thin", "--delta-base-offset"], [], "HEAD\n^HEAD~4\n");
    await expectRefused(thin, "BAD_PACK", "neither in the pack nor here");
  });

  test("without objects is fine and leaves nothing", async () => {
    const { repository, store } = emptyStore();
    const pack = packOf(repository, [], [], "");
    expect(await ingestPack(store, streamOf([pack]))).toMatchObject({
      objects: 0,
      bytes: 32,
      pack: undefined,
    });
    expect(packs(repository)).toEqual([]);
    expect(leftovers(repository)).toEqual([]);
  });

  test("may be taken in twice", async () => {
    const source = sampleRepository();
    const pack = packOf(source, ["--revs", "--all"], []);
    const { repository, store } = emptyStore();
    await ingestPack(store, streamOf([pack]));
    await ingestPack(store, streamOf([pack]));
    expect(packs(repository)).toHaveLength(1);
    fsck(repository);
  });

  test("that is looked at while it comes gives the same index, and its objects from memory", async () => {
    const blobs = Array.from({ length: 60 }, (_, seed) => noise(100_000, seed + 1));
    const entries = blobs.flatMap((bytes) => [
      whole("blob", bytes),
      refDelta(hashObject("blob", bytes), growing(bytes.length)),
    ]);
    const { repository, store } = emptyStore();
    using taken = await ingestPack(store, streamOf(pieces(makePack(entries), 10_007)));
    expect(taken.objects).toBe(120);
    expectSameIndexAsGit(repository);
    rmSync(join(repository, ".git/objects/pack"), { recursive: true });
    const last = Buffer.concat([blobs.at(-1) ?? Buffer.alloc(0), Buffer.from("!")]);
    expect(Buffer.from(store.read(hashObject("blob", last)).bytes).equals(last)).toBe(true);
    store.close();
    expect(() => store.read(hashObject("blob", last))).toThrow("is not in the repository");
  });

  test("that is damaged far behind its start is refused as a whole", async () => {
    const pack = makePack(Array.from({ length: 60 }, (_, seed) => whole("blob", noise(100_000, seed + 1))));
    for (const at of [3_500_000, 5_000_000]) {
      const damaged = Buffer.from(pack);
      damaged[at] = (damaged[at] ?? 0) ^ 0xff;
      const { repository, store } = emptyStore();
      const error = await errorOf(ingestPack(store, streamOf(pieces(damaged, 10_007))));
      expect(error).toMatchObject({ code: "BAD_PACK" });
      expect(packs(repository)).toEqual([]);
    }
  });

  test("with objects of odd sizes, large text and large noise is taken in", async () => {
    const source = temporaryDirectory();
    git(source, "init", "--quiet");
    const sizes = [0, 1, 15, 16, 2047, 2048, 262_143, 262_144, 4_194_304, 5_000_001];
    for (const size of sizes) {
      writeFileSync(join(source, `text-${size}`), prose(size, 3));
      // Git looks for deltas in everything; in large noise that takes it seconds.
      if (size < 1_000_000) writeFileSync(join(source, `noise-${size}`), noise(size));
    }
    git(source, "add", "--all");
    git(source, "commit", "-qm", "sizes");
    const { repository, store } = emptyStore();
    await ingestPack(
      store,
      streamOf(pieces(packOf(source, ["--revs", "--all"], ["--delta-base-offset"]), 65_536)),
    );
    git(repository, "update-ref", "refs/heads/main", git(source, "rev-parse", "HEAD"));
    for (const oid of allObjects(source))
      expect(store.header(oid).size).toBe(Number(git(source, "cat-file", "-s", oid)));
    fsck(repository);
  });

  test("with blobs above 32 MB, also as bases of deltas, is taken in", async () => {
    const large = Buffer.alloc(34_000_000, "a line of text that repeats\n");
    const changed = Buffer.from(large);
    changed.write("changed", 20_000_000);
    const delta = Buffer.concat([
      varint(large.length),
      varint(large.length),
      copy(0, 0xff0000),
      copy(0xff0000, 20_000_000 - 0xff0000),
      Buffer.from([7]),
      Buffer.from("changed"),
      ...splitCopies(20_000_007, large.length - 20_000_007),
    ]);
    const base = whole("blob", large);
    const { repository, store } = emptyStore();
    await ingestPack(store, streamOf(pieces(makePack([base, ofsDelta(base.length, delta)]), 65_536)));
    const oids = [large, changed].map((bytes) => hashObject("blob", bytes));
    for (const oid of oids) expect(store.header(oid)).toEqual({ kind: "blob", size: large.length });
    expect(Buffer.from(store.read(oids[1]!).bytes).equals(changed)).toBe(true);
    expectSameIndexAsGit(repository);
  });
});

test("objects that outgrow the cache of bases are rebuilt when a delta needs them again", async () => {
  const size = 3_000_000;
  const { repository, store } = emptyStore();
  const root = Buffer.concat([noise(100_000), Buffer.alloc(size - 100_000, "text ")]);
  const entries = [whole("blob", root)];
  const oids = [hashObject("blob", root)];
  const derive = (base: Buffer, word: string): Buffer => {
    const delta = [
      varint(size),
      varint(size),
      copy(0, 1000),
      Buffer.from([8]),
      Buffer.from(word),
      copy(1008, size - 1008),
    ];
    entries.push(refDelta(hashObject("blob", base), Buffer.concat(delta)));
    const content = Buffer.from(base);
    content.write(word, 1000);
    oids.push(hashObject("blob", content));
    return content;
  };
  // 20 children of 3 MB are more than the 48 MB of the cache when the first of them is built upon.
  for (let number = 10; number < 30; number++) derive(derive(root, `child ${number}`), `grand ${number}`);
  // Deltas before their bases: nothing can be settled on the way through the file.
  await ingestPack(store, streamOf(pieces(makePack(entries.reverse()), 65_536)));
  for (const oid of oids) expect(hashObject("blob", store.read(oid).bytes)).toBe(oid);
  expectSameIndexAsGit(repository);
});

describe("a pack made by hand", () => {
  const text = prose(500);
  const base = whole("blob", text);
  const append = (from: number, addition: string): Buffer =>
    Buffer.concat([
      varint(from),
      varint(from + addition.length),
      copy(0, from),
      Buffer.from([addition.length]),
      Buffer.from(addition),
    ]);

  test("may name a base that comes later in it", async () => {
    const oid = hashObject("blob", text);
    const next = Buffer.concat([text, Buffer.from("!")]);
    const pack = makePack([
      refDelta(hashObject("blob", next), append(501, "?")),
      refDelta(oid, append(500, "!")),
      base,
    ]);
    const { repository, store } = emptyStore();
    await ingestPack(store, streamOf([pack]));
    expect(store.has(hashObject("blob", Buffer.concat([next, Buffer.from("?")])))).toBe(true);
    expectSameIndexAsGit(repository);
  });

  test("may have a chain of 20,000 deltas, forwards or backwards", async () => {
    for (const backwards of [false, true]) {
      const entries = [base];
      let content = text;
      for (let depth = 0; depth < 20_000; depth++) {
        const delta = Buffer.concat([
          varint(500),
          varint(500),
          Buffer.from([8]),
          Buffer.from(String(depth).padStart(8)),
          copy(8, 492),
        ]);
        entries.push(refDelta(hashObject("blob", content), delta));
        content = Buffer.concat([Buffer.from(String(depth).padStart(8)), content.subarray(8)]);
      }
      const { store } = emptyStore();
      await ingestPack(store, streamOf([makePack(backwards ? entries.reverse() : entries)]));
      expect(Buffer.from(store.read(hashObject("blob", content)).bytes).equals(content)).toBe(true);
    }
  });

  test("may be thin in several places, with deltas below the missing bases", async () => {
    const { repository, store } = emptyStore();
    const bases = [prose(300, 2), prose(301, 3), prose(302, 4)];
    const oids = bases.map((bytes) =>
      gitRaw(repository, ["hash-object", "-w", "--stdin"], { input: bytes }).toString().trim(),
    );
    const entries = oids.flatMap((oid, index) => {
      const first = refDelta(oid, append(bases[index]!.length, "1"));
      return [first, ofsDelta(first.length, append(bases[index]!.length + 1, "2"))];
    });
    const again = refDelta(
      hashObject("blob", Buffer.concat([bases[0]!, Buffer.from("12")])),
      append(302, "3"),
    );
    const result = await ingestPack(store, streamOf([makePack([again, ...entries])]));
    expect(result.objects).toBe(7);
    for (const suffix of ["1", "12", "123"]) {
      const bytes = Buffer.concat([bases[0]!, Buffer.from(suffix)]);
      expect(gitRaw(repository, ["cat-file", "blob", hashObject("blob", bytes)]).equals(bytes)).toBe(true);
    }
    expectSameIndexAsGit(repository);
    fsck(repository);
  });

  for (const [name, entries, message] of [
    [
      "a delta onto itself by name",
      [refDelta("5".repeat(40), append(500, "x"))],
      "neither in the pack nor here",
    ],
    ["a delta whose base is before the pack", [ofsDelta(500, append(500, "x"))], "no object starts"],
    [
      "a delta whose base is within an object",
      [base, ofsDelta(base.length - 3, append(500, "x"))],
      "no object starts",
    ],
    ["a delta for another base", [base, ofsDelta(base.length, append(499, "x"))], "another base"],
    ["a commit that is none", [whole("commit", Buffer.from("nonsense"))], "tree"],
    ["a tree that is none", [whole("tree", Buffer.from("nonsense"))], "mode"],
    ["a tag that is none", [whole("tag", Buffer.from("nonsense"))], "type"],
    ["an unknown type", [Buffer.from([0x50, ...deflateSync("x"), 0, 0])], "unknown type"],
    [
      "an object larger than declared",
      [Buffer.concat([encodeEntryHeader("blob", 3), deflateSync("four")])],
      "declares",
    ],
    [
      "an object smaller than declared",
      [Buffer.concat([encodeEntryHeader("blob", 5), deflateSync("four")])],
      "declares",
    ],
    [
      "a bomb",
      [Buffer.concat([encodeEntryHeader("blob", 10), deflateSync(Buffer.alloc(3_000_000))])],
      "declares",
    ],
    ["bytes after the last object", [base, Buffer.from("garbage")], "after its last object"],
  ] as const) {
    test(`with ${name} is refused`, async () => {
      const count = name === "bytes after the last object" ? 1 : entries.length;
      await expectRefused(makePack(entries, count), "BAD_PACK", message);
    });
  }

  test("whose links lead to objects of another kind is refused", async () => {
    const blob = Buffer.from("text");
    const oid = hashObject("blob", blob);
    const asFolder = Buffer.concat([Buffer.from("40000 d\0"), Buffer.from(oid, "hex")]);
    const tree = hashObject("tree", asFolder);
    await expectRefused(
      makePack([whole("tree", asFolder), whole("blob", blob)]),
      "BAD_PACK",
      `object ${oid} is a blob where a tree must be`,
    );
    for (const [kind, bytes, message] of [
      [
        "tree",
        Buffer.concat([Buffer.from("100644 f\0"), Buffer.from(tree, "hex")]),
        "is a tree where a blob",
      ],
      ["commit", Buffer.from(`tree ${oid}\nauthor A <a> 1 +0000\n\n`), "is a blob where a tree"],
      [
        "commit",
        Buffer.from(`tree ${tree}\nparent ${oid}\nauthor A <a> 1 +0000\n\n`),
        "is a blob where a commit",
      ],
      ["tag", Buffer.from(`object ${oid}\ntype commit\ntag v1\n\n`), "is a blob where a commit"],
    ] as const) {
      const plain = Buffer.concat([Buffer.from("100644 f\0"), Buffer.from(oid, "hex")]);
      const base = message.startsWith("is a tree") ? asFolder : plain;
      const entries = [whole(kind, bytes), whole("blob", blob), whole("tree", base)];
      await expectRefused(makePack(entries), "BAD_PACK", message);
    }
  });

  test("that declares more than its bytes can hold is refused before memory is taken", async () => {
    await expectRefused(makePack([base], 0xffffffff), "BAD_PACK", "cannot hold");
    const bomb = Buffer.concat([encodeEntryHeader("blob", 2 ** 40), deflateSync("x")]);
    await expectRefused(makePack([bomb]), "BAD_PACK", "declares");
    const tree = Buffer.concat([encodeEntryHeader("tree", 2 ** 40), deflateSync("x")]);
    await expectRefused(makePack([tree]), "BAD_PACK", "declares");
  });

  test("with a wrong checksum is refused", async () => {
    const pack = makePack([base]);
    pack[pack.length - 1]! ^= 1;
    await expectRefused(pack, "BAD_PACK", "its own checksum");
  });

  test("that is no pack, or one of another version, is refused", async () => {
    await expectRefused(Buffer.from("<html>not found</html>, sorry, not here"), "BAD_PACK", "no pack");
    const pack = makePack([base]);
    pack.writeUInt32BE(4, 4);
    await expectRefused(pack, "BAD_PACK", "version 4");
  });

  test("beyond a limit is refused as soon as that is seen", async () => {
    const pack = makePack([base, whole("blob", noise(5000))]);
    await expectRefused(pack, "BAD_PACK", "limit of 100 B", { maxBytes: 100 });
    await expectRefused(pack, "BAD_PACK", "limit of 1", { maxObjects: 1 });
    await expectRefused(pack, "BAD_PACK", "limit of 4999", { maxObjectBytes: 4999 });
    const { store } = emptyStore();
    await ingestPack(store, streamOf([pack]), { maxBytes: pack.length, maxObjects: 2, maxObjectBytes: 5000 });
  });
});

describe("a damaged pack", () => {
  test("cut anywhere is refused as truncated and leaves nothing", async () => {
    const pack = smallPack();
    const { repository, store } = emptyStore();
    for (let length = 0; length < pack.length; length += length < 60 || length > pack.length - 60 ? 1 : 37) {
      await expectRefusedBy(store, repository, pack.subarray(0, length), "TRUNCATED");
    }
  });

  test("with a flipped bit anywhere is refused and leaves nothing", async () => {
    const pack = smallPack();
    const { repository, store } = emptyStore();
    for (let at = 0; at < pack.length; at += at < 60 || at > pack.length - 60 ? 1 : 23) {
      const flipped = Buffer.from(pack);
      flipped[at]! ^= 1 << (at % 8);
      await expectRefusedBy(store, repository, flipped, undefined);
    }
  });

  test("whose stream fails gives the stream's own error", async () => {
    const { repository, store } = emptyStore();
    const own = new LullError({ kind: "unreachable", code: "TIMEOUT", message: "too slow" });
    for (const [error, code] of [
      [own, "TIMEOUT"],
      [new Error("reset by peer"), "NETWORK"],
    ] as const) {
      const stream = (async function* () {
        yield smallPack().subarray(0, 100);
        await Promise.resolve();
        throw error;
      })();
      expect(await codeOf(ingestPack(store, stream, { doing: "fetch from x" }))).toBe(code);
    }
    expect(packs(repository)).toEqual([]);
  });
});

describe("an interrupted intake", () => {
  test("stops while receiving, ends the stream and leaves nothing", async () => {
    const { repository, store } = emptyStore();
    const abort = new AbortController();
    let ended = false;
    const stream = (async function* () {
      try {
        yield smallPack().subarray(0, 100);
        abort.abort();
        yield smallPack().subarray(100);
      } finally {
        ended = true;
      }
    })();
    expect(await codeOf(ingestPack(store, stream, { signal: abort.signal }))).toBe("INTERRUPTED");
    expect(ended).toBe(true);
    expect(packs(repository)).toEqual([]);
    expect(leftovers(repository)).toEqual([]);
  });

  test("stops while resolving", async () => {
    const { repository, store } = emptyStore();
    const abort = new AbortController();
    const entries = Array.from({ length: 3000 }, (_, seed) => whole("blob", noise(10, seed + 1)));
    const options = {
      signal: abort.signal,
      onProgress: (step: string, done: number) => {
        if (step === "resolving" && done === 3) abort.abort();
      },
    };
    expect(await codeOf(ingestPack(store, streamOf([makePack(entries)]), options))).toBe("INTERRUPTED");
    expect(packs(repository)).toEqual([]);
    expect(leftovers(repository)).toEqual([]);
  });
});

test("a place that cannot be written is reported and nothing is left behind", async () => {
  const { repository, store } = emptyStore();
  mkdirSync(join(repository, ".git/lull"));
  writeFileSync(join(repository, ".git/lull/tmp"), "in the way");
  expect(await errorOf(ingestPack(store, streamOf([smallPack()])))).toBeInstanceOf(LullError);
  rmSync(join(repository, ".git/lull/tmp"));
  rmSync(join(repository, ".git/objects/pack"), { recursive: true });
  writeFileSync(join(repository, ".git/objects/pack"), "in the way");
  expect(await errorOf(ingestPack(store, streamOf([smallPack()])))).toBeInstanceOf(LullError);
  expect(leftovers(repository)).toEqual([]);
});

function emptyStore(): { repository: string; store: ObjectStore } {
  const repository = temporaryDirectory();
  git(repository, "init", "--quiet");
  const store = openObjectStore(join(repository, ".git"));
  opened.push(store);
  return { repository, store };
}

function packOf(
  repository: string,
  selection: readonly string[],
  options: readonly string[],
  input = "",
): Buffer {
  return gitRaw(repository, ["pack-objects", "--stdout", "-q", ...selection, ...options], { input });
}

let cachedPack: Buffer | undefined;
function smallPack(): Buffer {
  if (cachedPack !== undefined) return cachedPack;
  const source = temporaryDirectory();
  git(source, "init", "--quiet");
  for (let round = 0; round < 4; round++) {
    writeFileSync(join(source, "story"), Buffer.concat([prose(1500), prose(40, round + 2)]));
    git(source, "add", "story");
    git(source, "commit", "-qm", `round ${round}`);
  }
  cachedPack = packOf(source, ["--revs", "--all"], ["--delta-base-offset"]);
  return cachedPack;
}

async function expectRefused(
  pack: Buffer,
  code: string | undefined,
  message: string,
  options: Parameters<typeof ingestPack>[2] = {},
): Promise<void> {
  const { repository, store } = emptyStore();
  const error = await expectRefusedBy(store, repository, pack, code, options);
  expect(error.message).toContain(message);
}

// oxlint-disable-next-line max-params -- a test's own words
async function expectRefusedBy(
  store: ObjectStore,
  repository: string,
  pack: Buffer,
  code: string | undefined,
  options: Parameters<typeof ingestPack>[2] = {},
): Promise<LullError> {
  let error: unknown;
  try {
    await ingestPack(store, streamOf(pieces(pack, 300)), { doing: "fetch from somewhere", ...options });
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(LullError);
  if (!(error instanceof LullError)) throw new Error(`${pack.length} bytes were accepted`);
  expect(error.message).toStartWith("fetch from somewhere: ");
  if (code === undefined) expect(["BAD_PACK", "TRUNCATED"]).toContain(error.code);
  else expect(error.code).toBe(code);
  expect(packs(repository)).toEqual([]);
  expect(leftovers(repository)).toEqual([]);
  return error;
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await errorOf(work);
  return error instanceof LullError ? error.code : String(error);
}

/** Our index must be byte for byte the one that git makes for the same pack. */
function expectSameIndexAsGit(repository: string): void {
  for (const name of packs(repository)) {
    const path = join(repository, ".git/objects/pack", name);
    const output = join(repository, "git.idx");
    rmSync(output, { force: true });
    git(repository, "index-pack", "-o", output, path);
    expect(readFileSync(path.replace(/pack$/, "idx")).equals(readFileSync(output))).toBe(true);
  }
}

function packs(repository: string): string[] {
  return readdirSync(join(repository, ".git/objects/pack")).filter((name) => name.endsWith(".pack"));
}

function leftovers(repository: string): string[] {
  const directory = join(repository, ".git/lull/tmp");
  return existsSync(directory) ? readdirSync(directory) : [];
}

async function* streamOf(chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    await Promise.resolve();
    yield chunk;
  }
}

function* pieces(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function makePack(entries: readonly Uint8Array[], count = entries.length): Buffer {
  const head = Buffer.from("PACK\0\0\0\u0002\0\0\0\0", "latin1");
  head.writeUInt32BE(count, 8);
  const body = Buffer.concat([head, ...entries]);
  return Buffer.concat([body, new Bun.CryptoHasher("sha1").update(body).digest()]);
}

function whole(kind: "blob" | "tree" | "commit" | "tag", bytes: Uint8Array): Buffer {
  return Buffer.concat([encodeEntryHeader(kind, bytes.length), deflateSync(bytes)]);
}

function refDelta(base: string, delta: Uint8Array): Buffer {
  return Buffer.concat([deltaHead(7, delta.length), Buffer.from(base, "hex"), deflateSync(delta)]);
}

function ofsDelta(distance: number, delta: Uint8Array): Buffer {
  const bytes = [distance % 128];
  for (let rest = Math.floor(distance / 128); rest > 0; rest = Math.floor(rest / 128))
    bytes.unshift((--rest % 128) | 0x80);
  return Buffer.concat([deltaHead(6, delta.length), Buffer.from(bytes), deflateSync(delta)]);
}

/** The head of a tag (type 4) of this size, with the type replaced. */
function deltaHead(type: 6 | 7, size: number): Buffer {
  const head = encodeEntryHeader("tag", size);
  head[0] = (head[0]! & 0x8f) | (type << 4);
  return head;
}

/** A delta that copies its base of so many bytes and adds one. */
function growing(size: number): Buffer {
  return Buffer.concat([varint(size), varint(size + 1), ...splitCopies(0, size), Buffer.from("\u0001!")]);
}

function copy(offset: number, length: number): Buffer {
  const bytes = [0xff];
  for (let at = 0; at < 4; at++) bytes.push(Math.floor(offset / 2 ** (8 * at)) % 256);
  for (let at = 0; at < 3; at++) bytes.push(Math.floor(length / 2 ** (8 * at)) % 256);
  return Buffer.from(bytes);
}

function* splitCopies(start: number, length: number): Generator<Buffer> {
  for (let at = start; at < start + length; at += 0xff0000)
    yield copy(at, Math.min(0xff0000, start + length - at));
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ;) {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    if (rest === 0) return Buffer.from([...bytes, low]);
    bytes.push(low | 0x80);
  }
}
