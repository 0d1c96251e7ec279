import { afterEach, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { hashObject } from "../../../src/git/objects/hash-object.ts";
import { ingestPack } from "../../../src/git/objects/ingest-pack.ts";
import { openObjectBatch } from "../../../src/git/objects/object-batch.ts";
import { type ObjectStore, openObjectStore } from "../../../src/git/objects/object-store.ts";
import { packStream } from "../../../src/git/objects/pack-stream.ts";
import { EMPTY_TREE } from "../../../src/git/model.ts";
import { seededRandom } from "../../helpers/random.ts";
import { fsck, git, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";
import { allObjects, errorOf, noise, prose, sampleRepository } from "./sample-repository.ts";

const opened: ObjectStore[] = [];

afterEach(() => {
  for (const store of opened.splice(0)) store.close();
});

describe("packStream", () => {
  for (const kind of ["loose", "packed", "packed by us"]) {
    test(`gives git a valid pack of exactly these objects from a ${kind} repository`, async () => {
      const source = sampleRepository();
      if (kind === "packed") git(source, "repack", "-adfq", "--depth=20");
      const oids = allObjects(source);
      const store = kind === "packed by us" ? await copyOf(source, oids) : storeOf(source);
      const progress: unknown[][] = [];
      const pack = await collect(store, oids, { onProgress: (...told) => progress.push(told) });
      expect(pack.readUInt32BE(8)).toBe(oids.length);
      expect(progress.at(-1)).toEqual(["sending", pack.length, pack.length, "bytes"]);
      const target = emptyRepository();
      gitRaw(target, ["index-pack", "--stdin", "--strict"], { input: pack });
      git(target, "update-ref", "refs/heads/main", git(source, "rev-parse", "HEAD"));
      expect(git(target, "rev-list", "--objects", "main").split("\n").length).toBe(
        git(source, "rev-list", "--objects", "main").split("\n").length,
      );
      fsck(target);
    });
  }

  test("tells the bytes that went out and about how many are to come", async () => {
    const { store } = emptyStore();
    const batch = openObjectBatch(store);
    const noise = (): Uint8Array => crypto.getRandomValues(new Uint8Array(60_000));
    const oids = Array.from({ length: 20 }, () => batch.write("blob", noise()));
    batch.finish();
    const told: { readonly done: number; readonly total: number }[] = [];
    const pack = await collect(store, oids, {
      onProgress: (_step, done, total) => told.push({ done, total: total ?? 0 }),
    });
    expect(told.length).toBeGreaterThan(3);
    expect(told.map(({ done }) => done)).toEqual(told.map(({ done }) => done).toSorted((a, b) => a - b));
    for (const { done, total } of told) {
      expect(total).toBeGreaterThanOrEqual(done);
      expect(Math.abs(total - pack.length)).toBeLessThan(pack.length * 0.1);
    }
  });

  test("sends what lies deflated in a pack as it is", async () => {
    const { store, repository } = emptyStore();
    const batch = openObjectBatch(store);
    const oids = Array.from({ length: 20 }, (_, seed) => batch.write("blob", prose(5000, seed)));
    batch.finish();
    const directory = join(repository, ".git/objects/pack");
    const [name] = readdirSync(directory).filter((name) => name.endsWith(".pack"));
    expect((await collect(store, oids)).equals(readFileSync(join(directory, name!)))).toBe(true);
  });

  for (const ofsDelta of [true, false]) {
    test(`sends deltas as they are, bases ${ofsDelta ? "by distance" : "by name"}`, async () => {
      const source = sampleRepository();
      git(source, "repack", "-adfq", "--depth=20");
      const oids = allObjects(source);
      const before = deltasOf(source);
      expect(before.size).toBeGreaterThan(8);
      const pack = await collect(storeOf(source), oids.toReversed(), { ofsDelta });
      const target = emptyRepository();
      gitRaw(target, ["index-pack", "--stdin", "--strict"], { input: pack });
      expect(deltasOf(target)).toEqual(before);
    });
  }

  test("sends a delta without its base only to a receiver that surely has it", async () => {
    const source = sampleRepository();
    git(source, "repack", "-adfq", "--depth=20");
    const [[child = "", base = ""] = []] = deltasOf(source);
    const whole = await collect(storeOf(source), [child]);
    const thin = await collect(storeOf(source), [child], { receiverHas: (oid) => oid === base });
    expect(thin.length).toBeLessThan(whole.length);
    const target = emptyRepository();
    gitRaw(target, ["index-pack", "--stdin"], { input: whole });
    const holder = emptyRepository();
    gitRaw(holder, ["hash-object", "-w", "--stdin", "-t", git(source, "cat-file", "-t", base)], {
      input: gitRaw(source, ["cat-file", git(source, "cat-file", "-t", base), base]),
    });
    gitRaw(holder, ["index-pack", "--stdin", "--fix-thin"], { input: thin });
    expect(git(holder, "cat-file", "-e", child)).toBe("");
  });

  test("gives any part of any mixture of packs whole (seed 20)", async () => {
    const random = seededRandom(20);
    const source = sampleRepository();
    const all = allObjects(source);
    const store = storeOf(source);
    for (let round = 0; round < 12; round++) {
      // Other parts and windows make other deltas, so that copies of one object build upon different bases.
      const part = all.filter(() => random.chance(0.6));
      gitRaw(source, ["pack-objects", "-q", `--window=${2 + round}`, "--depth=9", ".git/objects/pack/pack"], {
        input: `${part.join("\n")}\n`,
      });
      if (round === 6) git(source, "prune-packed");
      store.refresh();
      const had = new Set(all.filter(() => random.chance(0.3)));
      const oids = all.filter((oid) => !had.has(oid) && random.chance(0.8));
      const target = emptyRepository();
      gitRaw(target, ["unpack-objects", "-q"], {
        input: gitRaw(source, ["pack-objects", "-q", "--stdout"], { input: `${[...had].join("\n")}\n` }),
      });
      const pack = await collect(store, oids, {
        ofsDelta: random.chance(0.5),
        receiverHas: random.chance(0.5) ? (oid) => had.has(oid) : undefined,
      });
      expect(pack.readUInt32BE(8)).toBe(oids.length);
      gitRaw(target, ["index-pack", "--stdin", "--fix-thin"], { input: pack });
      const found = gitRaw(target, ["cat-file", "--batch-check"], { input: oids.join("\n") }).toString();
      expect(found).not.toContain("missing");
    }
  });

  test("takes another copy where the stored one is damaged", async () => {
    const { store, repository } = emptyStore();
    const batch = openObjectBatch(store);
    const oids = Array.from({ length: 12 }, (_, seed) => batch.write("blob", prose(3000, seed)));
    batch.finish();
    const directory = join(repository, ".git/objects/pack");
    const path = join(directory, readdirSync(directory).find((name) => name.endsWith(".pack")) ?? "");
    for (let seed = 0; seed < 12; seed++) {
      gitRaw(repository, ["pack-objects", "-q", ".git/objects/pack/pack"], { input: `${oids[seed]}\n` });
    }
    const flipped = readFileSync(path);
    chmodSync(path, 0o644);
    for (let at = 200; at < flipped.length - 20; at += 900) flipped[at]! ^= 4;
    writeFileSync(path, flipped);
    const target = emptyRepository();
    gitRaw(target, ["index-pack", "--stdin", "--strict"], {
      input: await collect(storeOf(repository), oids),
    });
    for (const oid of oids) expect(git(target, "cat-file", "-t", oid)).toBe("blob");
  });

  test("of nothing is the empty pack, and the empty tree can be sent without being stored", async () => {
    const { store, repository } = emptyStore();
    const empty = await collect(store, []);
    expect(empty.equals(gitRaw(repository, ["pack-objects", "--stdout", "-q"], { input: "" }))).toBe(true);
    gitRaw(repository, ["index-pack", "--stdin"], { input: await collect(store, [EMPTY_TREE]) });
    expect(git(repository, "cat-file", "-t", EMPTY_TREE)).toBe("tree");
  });

  test("carries large blobs, loose or packed, in small pieces", async () => {
    const { store, repository } = emptyStore();
    const contents = [prose(5_000_000), noise(4_500_000), noise(3_000_000)];
    const loose = contents.map((input) =>
      gitRaw(repository, ["hash-object", "-w", "--stdin"], { input }).toString().trim(),
    );
    for (const packed of [false, true]) {
      if (packed) {
        gitRaw(repository, ["pack-objects", "-q", ".git/objects/pack/pack"], {
          input: `${loose.join("\n")}\n`,
        });
        git(repository, "prune-packed");
        store.refresh();
      }
      expect(store.locate(loose[0]!)?.kind).toBe(packed ? "packed" : "loose");
      const chunks: Buffer[] = [];
      for await (const chunk of packStream(store, loose)) chunks.push(Buffer.from(chunk));
      expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThan(4_000_000);
      const target = emptyRepository();
      gitRaw(target, ["index-pack", "--stdin", "--strict"], { input: Buffer.concat(chunks) });
      for (const [index, oid] of loose.entries()) {
        expect(gitRaw(target, ["cat-file", "blob", oid]).equals(contents[index]!)).toBe(true);
      }
    }
  });

  test("stops at a missing object and when it is interrupted", async () => {
    const { store } = emptyStore();
    expect(await errorOf(collect(store, ["1".repeat(40)]))).toMatchObject({ code: "OBJECT_MISSING" });
    const batch = openObjectBatch(store);
    const oids = Array.from({ length: 20 }, (_, seed) => batch.write("blob", noise(400_000, seed + 1)));
    batch.finish();
    const abort = new AbortController();
    let bytes = 0;
    const reading = (async () => {
      for await (const chunk of packStream(store, oids, { signal: abort.signal })) {
        bytes += chunk.length;
        abort.abort();
      }
    })();
    expect(await errorOf(reading)).toMatchObject({ code: "INTERRUPTED" });
    expect(bytes).toBeLessThan(6_000_000);
  });

  test("never sends on an object that is damaged in its pack", async () => {
    const { store, repository } = emptyStore();
    const batch = openObjectBatch(store);
    const oids = Array.from({ length: 12 }, (_, seed) => batch.write("blob", prose(3000, seed)));
    oids.push(batch.write("blob", noise(700_000)));
    batch.finish();
    const directory = join(repository, ".git/objects/pack");
    const path = join(directory, readdirSync(directory).find((name) => name.endsWith(".pack")) ?? "");
    const original = readFileSync(path);
    chmodSync(path, 0o644);
    for (let at = 12; at < original.length - 20; at += 30_011) {
      const flipped = Buffer.from(original);
      flipped[at]! ^= 4;
      writeFileSync(path, flipped);
      const fresh = storeOf(repository);
      expect(await errorOf(collect(fresh, oids))).toMatchObject({ code: "OBJECT_CORRUPT" });
    }
  });
});

/** Delta → base, of a repository with one pack. */
function deltasOf(repository: string): Map<string, string> {
  const directory = join(repository, ".git/objects/pack");
  const index = readdirSync(directory).find((name) => name.endsWith(".idx")) ?? "";
  const lines = git(repository, "verify-pack", "-v", join(directory, index)).split("\n");
  const rows = lines.map((line) => line.split(/ +/)).filter((row) => row.length === 7);
  return new Map(rows.map((row) => [row[0] ?? "", row[6] ?? ""] as const));
}

async function collect(
  store: ObjectStore,
  oids: readonly string[],
  options: Parameters<typeof packStream>[2] = {},
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of packStream(store, oids, options)) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

async function copyOf(source: string, oids: readonly string[]): Promise<ObjectStore> {
  const { store } = emptyStore();
  await ingestPack(store, packStream(storeOf(source), oids));
  for (const oid of oids) expect(hashObject(store.read(oid).kind, store.read(oid).bytes)).toBe(oid);
  return store;
}

function emptyRepository(): string {
  const repository = join(temporaryDirectory(), "repository");
  mkdirSync(repository);
  git(repository, "init", "--quiet");
  return repository;
}

function emptyStore(): { repository: string; store: ObjectStore } {
  const repository = emptyRepository();
  return { repository, store: storeOf(repository) };
}

function storeOf(repository: string): ObjectStore {
  const store = openObjectStore(join(repository, ".git"));
  opened.push(store);
  return store;
}
