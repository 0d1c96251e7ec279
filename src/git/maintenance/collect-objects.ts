import type { ObjectKind } from "../model.ts";
import { BaseCache } from "../objects/base-cache.ts";
import { DamagedData } from "../objects/damaged-data.ts";
import { parseDeltaSizes } from "../objects/delta.ts";
import { inflatePrefix, PREFIX_INPUT } from "../objects/inflate.ts";
import { readLooseHeader } from "../objects/loose-object.ts";
import type { EntryHeader } from "../objects/pack-entry.ts";
import { type PackCache, Packfile } from "../objects/packfile.ts";
import type { RepackPlan } from "./plan.ts";
import { type SourcePack, type StoredObject, StoredObjects } from "./stored-objects.ts";
import type { PackFiles } from "./survey.ts";

export type CollectedObjects = {
  readonly objects: StoredObjects;
  readonly packs: readonly SourcePack[];
  /** Packs and loose files that cannot be used because they are damaged, in words. They stay as they are. */
  readonly damaged: readonly string[];
};

/** Delta bases; what the walk and the search for deltas read comes in the order of paths, not of packs. */
const CACHE_BYTES = 48 * 1024 * 1024;

/** Looks into what the plan names. Contents are not read yet. */
export function collectObjects(gitDirectory: string, plan: RepackPlan): CollectedObjects {
  const objects = new StoredObjects();
  const packs: SourcePack[] = [];
  const damaged: string[] = [];
  const cache: PackCache = new BaseCache(CACHE_BYTES);
  const attempt = (what: string, look: () => void): void => {
    try {
      look();
    } catch (error) {
      if (!(error instanceof DamagedData)) throw error;
      damaged.push(`${what} is damaged (${error.message})`);
    }
  };
  for (const files of plan.packs) {
    const file = new Packfile(`${gitDirectory}/objects/pack/${files.name}`, cache);
    attempt(files.name, () => packs.push(collectPack(objects, files, file)));
  }
  for (const { oid, bytes, modified } of plan.loose) {
    attempt(`loose object ${oid}`, () => {
      const header = readLooseHeader(`${gitDirectory}/objects`, oid);
      const place = { kind: "loose", modified } as const;
      // One that is gone meanwhile was packed by somebody else.
      if (header !== undefined) objects.add(Buffer.from(oid, "hex"), { ...header, storedSize: bytes, place });
    });
  }
  return { objects, packs, damaged };
}

type Entry = { readonly position: number; readonly offset: number; readonly header: EntryHeader };

/** Nothing is added before the whole pack was understood. */
function collectPack(objects: StoredObjects, files: PackFiles, file: Packfile): SourcePack {
  const pack: SourcePack = {
    name: files.name,
    file,
    modified: files.modified,
    members: [],
    hasDeltas: false,
  };
  const entries = readEntries(file);
  const byOffset = new Map(entries.map((entry) => [entry.offset, entry]));
  const found = new Map<number, { readonly kind: ObjectKind; readonly base: number | undefined }>();
  const kindOf = (start: Entry): void => {
    const chain = [start];
    for (let entry = start; ;) {
      const known = found.get(entry.offset);
      const kind = known?.kind ?? (entry.header.type === "object" ? entry.header.kind : undefined);
      if (kind !== undefined) {
        for (const link of chain) found.set(link.offset, { kind, base: baseOffset(file, link) });
        return;
      }
      const base = byOffset.get(baseOffset(file, entry) ?? -1);
      if (base === undefined || chain.length > entries.length)
        throw new DamagedData("bad", "a delta in it has no base");
      chain.push(base);
      entry = base;
    }
  };
  for (const entry of entries) if (!found.has(entry.offset)) kindOf(entry);
  const ends = [...entries.slice(1).map(({ offset }) => offset), file.file.size - 20];
  const byStart = new Map<number, StoredObject>();
  for (const [at, { position, offset, header }] of entries.entries()) {
    const object = objects.add(Buffer.from(file.index.oidAt(position), "hex"), {
      kind: found.get(offset)?.kind ?? "blob",
      size: header.type === "object" ? header.size : resultSize(file, offset, header),
      storedSize: (ends[at] ?? offset) - offset,
      place: { kind: "packed", pack, position },
    });
    byStart.set(offset, object);
    pack.members.push(object);
    if (header.type !== "object") pack.hasDeltas = true;
  }
  for (const [offset, { base }] of found) {
    const object = byStart.get(offset);
    // Of an object that lies in several packs only the first copy counts, and only with a base beside it.
    if (object?.place.kind !== "packed" || object.place.pack !== pack || base === undefined) continue;
    object.oldBase = byStart.get(base);
  }
  return pack;
}

/** In the order in which they lie: reading goes forward then. */
function readEntries(file: Packfile): Entry[] {
  const { index } = file;
  const places = Array.from({ length: index.count }, (_, position) => ({
    position,
    offset: index.offsetAt(position),
  }));
  places.sort((a, b) => a.offset - b.offset);
  return places.map((place) => ({ ...place, header: file.file.header(place.offset) }));
}

function baseOffset(file: Packfile, { offset, header }: Entry): number | undefined {
  if (header.type === "object") return undefined;
  if (header.type === "ofs-delta") return offset - header.distance;
  const position = file.index.find(Buffer.from(header.base, "hex"));
  return position < 0 ? -1 : file.index.offsetAt(position);
}

function resultSize(file: Packfile, offset: number, header: EntryHeader): number {
  return parseDeltaSizes(inflatePrefix(file.file.read(offset + header.length, PREFIX_INPUT), 20)).result;
}
