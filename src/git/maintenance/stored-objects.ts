/** The objects that a maintenance looks at: which there are, where each lies, and what is known of it. */
import type { ObjectKind, Oid } from "../model.ts";
import type { DeltaCandidate } from "../objects/delta-search.ts";
import { OidTable } from "../objects/oid-table.ts";
import type { Packfile } from "../objects/packfile.ts";

/** A pack that may be rolled into the new one. */
export type SourcePack = {
  /** `pack-<checksum>` */
  readonly name: string;
  readonly file: Packfile;
  /** Milliseconds since 1970; git sets it anew when somebody relies on an object in it. */
  readonly modified: number;
  readonly members: StoredObject[];
  /** Somebody looked for deltas when it was made. */
  hasDeltas: boolean;
};

export type Place =
  | { readonly kind: "loose"; readonly modified: number }
  | { readonly kind: "packed"; readonly pack: SourcePack; readonly position: number };

/** One object. What the steps of a maintenance find out about it is noted here. */
export class StoredObject implements DeltaCandidate {
  readonly number: number;
  readonly kind: ObjectKind;
  readonly size: number;
  /** Bytes on the disk, its delta only for a delta. */
  readonly storedSize: number;
  readonly place: Place;
  /** The delta base in the same old pack. */
  oldBase: StoredObject | undefined;
  /** The delta base in the new pack. */
  base: StoredObject | undefined;
  depth = 0;
  height = 0;
  nameHash = 0;
  order = Number.MAX_SAFE_INTEGER;
  isReached = false;
  /** Of its youngest copy. */
  modified: number;
  hasLooseCopy: boolean;

  constructor(number: number, known: Pick<StoredObject, "kind" | "size" | "storedSize" | "place">) {
    this.number = number;
    this.kind = known.kind;
    this.size = known.size;
    this.storedSize = known.storedSize;
    this.place = known.place;
    this.modified = modifiedOf(known.place);
    this.hasLooseCopy = known.place.kind === "loose";
  }

  get searchedIn(): object | undefined {
    return this.place.kind === "packed" && this.place.pack.hasDeltas ? this.place.pack : undefined;
  }

  /** What deflate saves 3 % of at most; small ones are tried all the same. */
  get isIncompressible(): boolean {
    return this.size > 64 * 1024 && this.storedSize > this.size * 0.97;
  }
}

/** All of them by name; an object that lies in several places is there once, with the first. */
export class StoredObjects {
  readonly #names = new OidTable();
  readonly #objects: StoredObject[] = [];

  get all(): readonly StoredObject[] {
    return this.#objects;
  }

  /** @param oid 20 raw bytes at `at` */
  find(oid: Uint8Array, at = 0): StoredObject | undefined {
    return this.#objects[this.#names.find(oid, at)];
  }

  findOid(oid: Oid): StoredObject | undefined {
    return this.#objects[this.#names.findOid(oid)];
  }

  add(oid: Uint8Array, known: ConstructorParameters<typeof StoredObject>[1]): StoredObject {
    const number = this.#names.add(oid, 0);
    const object = (this.#objects[number] ??= new StoredObject(number, known));
    object.modified = Math.max(object.modified, modifiedOf(known.place));
    object.hasLooseCopy ||= known.place.kind === "loose";
    return object;
  }

  oidOf(object: StoredObject): Oid {
    return this.#names.oidAt(object.number);
  }

  oidBytesOf(object: StoredObject): Buffer {
    return this.#names.bytesAt(object.number);
  }
}

function modifiedOf(place: Place): number {
  return place.kind === "loose" ? place.modified : place.pack.modified;
}
