import type { GitObject } from "../model.ts";
import { objectMissing } from "../objects/damaged-data.ts";
import { looseChunks, readLoose } from "../objects/loose-object.ts";
import type { StoredObject, StoredObjects } from "./stored-objects.ts";

/** Reads the contents of objects from the place where the survey found them. */
export class ObjectContent {
  readonly #folder: string;
  readonly #objects: StoredObjects;

  constructor(gitDirectory: string, objects: StoredObjects) {
    this.#folder = `${gitDirectory}/objects`;
    this.#objects = objects;
  }

  /** @throws LullError `OBJECT_MISSING` when somebody removed it meanwhile; DamagedData */
  read(object: StoredObject): GitObject {
    const oid = this.#objects.oidOf(object);
    const { place } = object;
    if (place.kind === "packed") return place.pack.file.read(place.position, oid);
    const found = readLoose(this.#folder, oid);
    if (found === undefined) throw objectMissing(oid);
    return found;
  }

  /** As `read` for a loose object, piece by piece. */
  chunks(object: StoredObject): Generator<Uint8Array> {
    return looseChunks(this.#folder, this.#objects.oidOf(object));
  }
}
