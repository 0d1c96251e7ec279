import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";

import { LullError } from "../../../src/base/errors.ts";
import { EntryFeed, LARGEST_FED } from "../../../src/git/objects/entry-feed.ts";
import type { ReadEntriesOrder, StartEntryReader } from "../../../src/git/objects/entry-lane.ts";
import { ingestPack } from "../../../src/git/objects/ingest-pack.ts";
import { type ObjectStore, openObjectStore } from "../../../src/git/objects/object-store.ts";
import { startPullThread } from "../../../src/platform/threads.ts";
import { type Random, seededRandom } from "../../helpers/random.ts";
import { fsck, git, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";
import { allObjects, errorOf, noise, prose, sampleRepository } from "./sample-repository.ts";

const stops: (() => void)[] = [];

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** The real thread, awake; undefined on one processor. */
const thread = startPullThread<ReadEntriesOrder>();
const feeds: EntryFeed[] = [];

beforeAll(async () => {
  const feed = new EntryFeed();
  thread?.post({ kind: "entries", shared: feed.shared, path: "/nonexistent" });
  if (thread !== undefined) while (!feed.hasBegun) await Bun.sleep(1);
});
afterAll(() => thread?.stop());

function startThread(): ReturnType<StartEntryReader> {
  return (
    thread && {
      post(order) {
        feeds.push(new EntryFeed(order.shared));
        thread.post(order);
      },
    }
  );
}

/** A thread that is not there, for whose memory somebody else does something. */
function startNone(meddle: (feed: EntryFeed) => void): StartEntryReader {
  return () => ({ post: ({ shared }) => meddle(new EntryFeed(shared)) });
}

function emptyStore(): { readonly repository: string; readonly store: ObjectStore } {
  const repository = temporaryDirectory();
  git(repository, "init", "--quiet");
  const store = openObjectStore(`${repository}/.git`);
  stops.push(() => store.close());
  return { repository, store };
}

function packOf(repository: string, ...options: readonly string[]): Buffer {
  const args = ["pack-objects", "--stdout", "--revs", "--all", "-q", ...options];
  return gitRaw(repository, args, { input: "" });
}

async function* pieces(
  bytes: Uint8Array,
  size: number,
  each: () => void = () => {},
): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    each();
    // A copy, as what comes from a socket.
    yield Buffer.from(bytes.subarray(at, at + size));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

type Taken = { readonly startReader: StartEntryReader; readonly size?: number; readonly each?: () => void };

/** Takes a pack in with a lane and looks whether system git finds everything of the source in it. */
async function expectTaken(
  source: string,
  pack: Buffer,
  { startReader, size = 5000, each }: Taken,
): Promise<void> {
  const { repository, store } = emptyStore();
  const isReal = startReader === startThread && thread !== undefined;
  const lane = { startReader, manyObjects: 1, mostSilenceMs: isReal ? 10_000 : 20 };
  const result = await ingestPack(store, pieces(pack, size, each), lane);
  if (isReal) expect(feeds.at(-1)?.hasBegun).toBe(true);
  const oids = allObjects(source);
  expect(result.objects).toBe(oids.length);
  const original = openObjectStore(`${source}/.git`);
  stops.push(() => original.close());
  for (const oid of oids) {
    const [found, wanted] = [store.read(oid), original.read(oid)];
    expect(found.kind).toBe(wanted.kind);
    expect(Buffer.from(found.bytes).equals(wanted.bytes)).toBe(true);
    expect(result.isWhole(oid)).toBe(true);
  }
  git(repository, "update-ref", "refs/heads/main", git(source, "rev-parse", "HEAD"));
  fsck(repository);
  git(repository, "verify-pack", `.git/objects/pack/${result.pack}.idx`);
}

/** Also with what is too large for the other thread, and for memory. */
function largeRepository(): string {
  const source = sampleRepository();
  for (const [name, bytes] of [
    ["large", prose(LARGEST_FED + 1)],
    ["fits", prose(LARGEST_FED)],
    ["huge", noise(5 * 1024 * 1024)],
  ] as const)
    gitRaw(source, ["update-index", "--add", "--cacheinfo", `100644,${blob(source, bytes)},${name}`]);
  git(source, "commit", "-qm", "large ones");
  return source;
}

function blob(repository: string, input: Buffer): string {
  return gitRaw(repository, ["hash-object", "-w", "--stdin"], { input }).toString().trim();
}

describe("a pack is taken in with a second thread", () => {
  let source: string;
  beforeAll(() => {
    source = largeRepository();
  });

  for (const options of [["--delta-base-offset"], [], ["--depth=0"], ["--delta-base-offset", "--depth=200"]])
    for (const size of [700, 50_000, 1 << 22])
      test(`made with ${options.join(" ") || "deltas by name"}, in pieces of ${size} bytes`, () =>
        expectTaken(source, packOf(source, ...options), { startReader: startThread, size }));

  test("that goes round its memory many times", async () => {
    const many = temporaryDirectory();
    git(many, "init", "--quiet");
    const lines: string[] = [];
    for (let count = 0; count < 3000; count++) {
      const content = prose(count % 7 === 0 ? 30_000 : (count * 37) % 5000, count);
      lines.push(`blob\nmark :${count + 1}\ndata ${content.length}\n${content.toString("latin1")}\n`);
    }
    lines.push("commit refs/heads/main\ncommitter a <a@x> 1 +0000\ndata 1\nx\n");
    for (let count = 0; count < 3000; count++) lines.push(`M 100644 :${count + 1} f${count}\n`);
    gitRaw(many, ["fast-import", "--quiet"], { input: Buffer.from(lines.join(""), "latin1") });
    git(many, "symbolic-ref", "HEAD", "refs/heads/main");
    await expectTaken(many, packOf(many), { startReader: startThread, size: 100_000 });
  });
});

describe("a pack needs no thread that", () => {
  const source = sampleRepository();
  const pack = packOf(source, "--delta-base-offset");

  test("never starts", () => expectTaken(source, pack, { startReader: startNone(() => {}) }));

  test("can not open the file", () =>
    expectTaken(source, pack, {
      startReader: startNone((feed) => {
        const open = (): never => {
          throw new Error("no such file");
        };
        expect(() => feed.serve(open)).toThrow("no such file");
      }),
    }));

  test("begins and then does nothing", () =>
    expectTaken(source, pack, {
      startReader: startNone((feed) => {
        // As `serve` does it at its beginning; see there.
        new Int32Array(feed.shared)[2] = 1;
      }),
    }));

  test("is killed in the middle of it", async () => {
    for (let round = 0; round < 12; round++) {
      let mortal: typeof thread;
      const startReader = (): typeof thread => (mortal = startPullThread<ReadEntriesOrder>());
      let left = 1 + round * 3;
      await expectTaken(source, pack, {
        startReader,
        size: 3000,
        each: () => {
          if (--left === 0) mortal?.stop();
        },
      });
      mortal?.stop();
    }
  });
});

describe("a damaged pack", () => {
  /** What becomes of it, with the thread and without. */
  async function outcome(bytes: Buffer, startReader: StartEntryReader | undefined): Promise<string> {
    const { repository, store } = emptyStore();
    const options = { startReader, manyObjects: 1 };
    const taken = ingestPack(store, pieces(bytes, 60_000), options).then(({ pack }) => `taken as ${pack}`);
    const result = await taken.catch((error: unknown) => {
      if (!(error instanceof LullError)) throw error;
      return `${error.code} ${error.message}`;
    });
    if (!result.startsWith("taken")) expect(git(repository, "count-objects", "-v")).toContain("packs: 0");
    return result;
  }

  function damaged(random: Random, pack: Buffer): Buffer {
    if (random.chance(0.2)) return pack.subarray(0, random.below(pack.length));
    const bytes = Buffer.from(pack);
    const at = random.below(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
    if (random.chance(0.5)) return bytes;
    const body = bytes.subarray(0, -20);
    return Buffer.concat([body, new Bun.CryptoHasher("sha1").update(body).digest()]);
  }

  test("is refused for the same reason with a second thread and without", async () => {
    const seed = Number(process.env["LULL_TEST_SEED"] ?? crypto.getRandomValues(new Uint32Array(1))[0]);
    const random = seededRandom(seed);
    const pack = packOf(sampleRepository(), "--delta-base-offset");
    for (let round = 0; round < 60; round++) {
      const bytes = damaged(random, pack);
      const found = await outcome(bytes, startThread);
      expect(found, `seed ${seed}, round ${round}`).toBe(await outcome(bytes, undefined));
    }
  });

  test("with an object that is too large is refused", async () => {
    const source = sampleRepository();
    const { store } = emptyStore();
    const error = await errorOf(
      ingestPack(store, pieces(packOf(source), 60_000), {
        startReader: startThread,
        manyObjects: 1,
        maxObjectBytes: 1000,
      }),
    );
    expect(error).toMatchObject({ code: "BAD_PACK" });
  });
});
