import type { ObjectKind, Oid } from "../model.ts";
import { BaseCache } from "./base-cache.ts";
import { DamagedData } from "./damaged-data.ts";
import { hashObject, startObjectHash } from "./hash-object.ts";
import { Packfile } from "./packfile.ts";
import { TurnKeeper } from "./turn-keeper.ts";

/** Larger objects are hashed piece by piece. */
const WHOLE_UP_TO = 32 * 1024 * 1024;
const CACHE_BYTES = 48 * 1024 * 1024;

/**
 * Reads every object of a pack and compares it with its name, as `git verify-pack` does.
 * @param path of pack and index, without the extension
 * @param gitDirectory in whose temporary folder large contents go
 * @returns the names
 * @throws DamagedData
 */
export async function verifyPack(
  path: string,
  gitDirectory: string,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const pack = new Packfile(path, new BaseCache(CACHE_BYTES), { gitDirectory });
  const turns = new TurnKeeper(signal);
  const names = new Set<string>();
  try {
    const { index } = pack;
    const positions = Array.from({ length: index.count }, (_, position) => position);
    // As they lie: a base comes shortly before what builds upon it.
    positions.sort((a, b) => index.offsetAt(a) - index.offsetAt(b));
    for (const position of positions) {
      const oid = index.oidAt(position);
      const { size } = verifyPackedObject(pack, position, oid);
      names.add(oid);
      if (turns.isDue(size)) await turns.turn();
    }
    return names;
  } finally {
    pack.close();
  }
}

/** @throws DamagedData unless the object is whole and has that name */
export function verifyPackedObject(
  pack: Packfile,
  position: number,
  oid: Oid,
): { readonly kind: ObjectKind; readonly size: number } {
  const object = pack.open(position, oid, { wholeUpTo: WHOLE_UP_TO });
  const { kind, size } = object;
  let found: string;
  if (object.bytes === undefined) {
    const hasher = startObjectHash(kind, size);
    for (const chunk of object.chunks) hasher.update(chunk);
    found = hasher.digest("hex");
  } else {
    found = hashObject(kind, object.bytes);
  }
  if (found !== oid) throw new DamagedData("bad", `object ${oid} does not match its name`);
  return { kind, size };
}
