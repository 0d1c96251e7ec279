import { closeSync, fsyncSync, openSync, rmSync } from "node:fs";

import { fromSystem, type LullError } from "../../base/errors.ts";
import { transportError } from "../../transport/transport-error.ts";
import type { Oid, Progress } from "../model.ts";
import { DamagedData } from "./damaged-data.ts";
import { EntryLane, type StartEntryReader } from "./entry-lane.ts";
import type { EntryTable } from "./entry-table.ts";
import { IngestProgress } from "./ingest-progress.ts";
import { finishPackFile, installPack, makeTemporaryDirectory } from "./install-pack.ts";
import { FOLLOWED_FROM } from "./kept-contents.ts";
import { WHOLE_IN_MEMORY } from "./large-content.ts";
import type { ObjectStore } from "./object-store.ts";
import { PackFile, WHOLE_FILE_WINDOW } from "./pack-file.ts";
import { PackResolver } from "./pack-resolver.ts";
import { type ReceivedPack, receivePackFile } from "./receive-pack-file.ts";

export type IngestOptions = {
  /** For error messages, e.g. `fetch from https://example.com/notes.git`. Default: `receive a pack`. */
  readonly doing?: string;
  readonly signal?: AbortSignal;
  /** `receiving` counts bytes, `resolving` counts objects. */
  readonly onProgress?: Progress;
  readonly maxBytes?: number;
  readonly maxObjects?: number;
  readonly maxObjectBytes?: number;
  /** In bytes; contents that are larger lie in files. Default: 32 MB. */
  readonly wholeInMemory?: number;
  /** A second thread for many objects; left out: one thread does it all. */
  readonly startReader?: StartEntryReader | undefined;
  /** For so many, that is. Default 4000; tests make do with fewer. */
  readonly manyObjects?: number | undefined;
  /** As for `EntryLane`. */
  readonly mostSilenceMs?: number | undefined;
};

/** To be disposed of when refs name what came, or never will: until then no `git repack -a -d` drops it. */
export type IngestedPack = Disposable & {
  /** As the sender counted them. */
  readonly objects: number;
  readonly bytes: number;
  /** `pack-<checksum>`; undefined for a pack without objects, of which nothing is kept. */
  readonly pack: string | undefined;
  /** Whether this object came with the pack, and everything that it reaches as well: no walk need check that again. */
  isWhole(oid: Oid): boolean;
};

/** Fewer are taken in before a second thread has woken up. */
const MANY_OBJECTS = 4000;

/**
 * Takes a pack, possibly thin, into the store: it streams to a temporary file, and only when every object in it was
 * rebuilt and its checksum fits does the pack become visible, durably. Refs may move afterwards; whether everything
 * that they reach is there is for `isWhole` and `checkConnectivity` to say. Of objects it holds 48 MB at most, and two contents of at
 * most 32 MB that deltas build upon (larger ones lie in files); blobs above 4 MB are hashed while they inflate.
 * @throws LullError `BAD_PACK` or `TRUNCATED`, the stream's own, or a system error; then nothing is left behind
 */
export async function ingestPack(
  store: ObjectStore,
  stream: AsyncIterable<Uint8Array>,
  options: IngestOptions = {},
): Promise<IngestedPack> {
  const directory = makeTemporaryDirectory(store.gitDirectory, "incoming");
  let received: ReceivedPack | undefined;
  let lane: EntryLane | undefined;
  const progress = options.onProgress && new IngestProgress(options.onProgress);
  try {
    const handle = openPackFile(`${directory}/pack`);
    try {
      const file = new PackFile("the received pack", handle, WHOLE_FILE_WINDOW);
      using resolver = new PackResolver(file, {
        place: { gitDirectory: store.gitDirectory, wholeInMemory: options.wholeInMemory ?? WHOLE_IN_MEMORY },
        signal: options.signal,
        maxObjectBytes: options.maxObjectBytes,
        onObject: progress && ((resolved) => progress.object(resolved)),
      });
      const openLane = (): EntryLane | undefined => {
        const { startReader, mostSilenceMs } = options;
        lane = startReader && EntryLane.open(startReader, `${directory}/pack`, mostSilenceMs);
        return lane;
      };
      received = await receive(stream, handle, { ...options, resolver, openLane, progress });
      progress?.received();
      file.growTo(received.bytes);
      const finished = await resolve(store, handle, received, resolver);
      lane?.close();
      const { objects, bytes } = received;
      if (objects === 0)
        return { objects, bytes, pack: undefined, isWhole: () => false, [Symbol.dispose]() {} };
      const { name, keep } = installPack(store.gitDirectory, directory, finished.entries, finished.checksum);
      store.refresh();
      store.keepRecent(resolver.recent());
      const release = (): void => keep[Symbol.dispose]();
      return { objects, bytes, pack: name, isWhole: finished.isWhole, [Symbol.dispose]: release };
    } finally {
      lane?.close();
      closeSync(handle);
    }
  } catch (error) {
    throw error instanceof DamagedData
      ? badPack(error, received, options)
      : fromSystem(error, doing(options));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function receive(
  stream: AsyncIterable<Uint8Array>,
  handle: number,
  options: IngestOptions & {
    readonly resolver: PackResolver;
    readonly openLane: () => EntryLane | undefined;
    readonly progress: IngestProgress | undefined;
  },
): Promise<ReceivedPack> {
  const { progress, resolver } = options;
  let lane: EntryLane | undefined;
  let isFirst = true;
  return receivePackFile(stream, handle, {
    doing: doing(options),
    signal: options.signal,
    maxBytes: options.maxBytes,
    maxObjects: options.maxObjects,
    onBytes: progress && ((bytes) => progress.bytes(bytes, resolver.entries.count)),
    onStored(bytes, objects) {
      if (isFirst && objects >= (options.manyObjects ?? MANY_OBJECTS)) {
        lane = options.openLane();
        if (lane !== undefined) resolver.useLane(lane);
      }
      isFirst = objects === 0;
      progress?.expects(objects);
      return lane === undefined && bytes < FOLLOWED_FROM ? undefined : resolver.follow(bytes, objects);
    },
  });
}

type FinishedPack = {
  readonly entries: EntryTable;
  readonly checksum: Uint8Array;
  readonly isWhole: (oid: Oid) => boolean;
};

async function resolve(
  store: ObjectStore,
  handle: number,
  received: ReceivedPack,
  resolver: PackResolver,
): Promise<FinishedPack> {
  await resolver.scan(received.objects);
  if (!received.isIntact) throw new DamagedData("bad", "the pack does not match its own checksum");
  const end = await resolver.complete(store, handle);
  const { entries, links } = resolver;
  const isWhole = links.areClosed() ? (oid: Oid) => links.has(oid) : () => false;
  if (entries.count > received.objects)
    return { entries, checksum: finishPackFile(handle, entries.count, end), isWhole };
  fsyncSync(handle);
  return { entries, checksum: received.checksum, isWhole };
}

/** A pack that stops early and whose checksum does not fit was cut on its way; anything else was wrong from the start. */
function badPack(error: DamagedData, received: ReceivedPack | undefined, options: IngestOptions): LullError {
  const isCut = error.reason === "short" && received?.isIntact !== true;
  return transportError({
    code: isCut ? "TRUNCATED" : "BAD_PACK",
    message: `${doing(options)}: ${error.message}`,
    ...(received === undefined ? {} : { data: { bytes: received.bytes, objects: received.objects } }),
    cause: error,
  });
}

function openPackFile(path: string): number {
  try {
    return openSync(path, "wx+", 0o444);
  } catch (error) {
    throw fromSystem(error, `create ${path}`);
  }
}

function doing(options: IngestOptions): string {
  return options.doing ?? "receive a pack";
}
