import { readdirSync } from "node:fs";

import { fromSystem, systemCode } from "../../base/errors.ts";
import type { Oid } from "../model.ts";

/** So many questions about one folder are cheaper than its listing. */
const WORTH_A_LIST = 4;

type Folder = { asked: number; names: ReadonlySet<string> | undefined };

/**
 * Tells which objects surely had no loose file a moment ago, without asking the file system for each: 10,000 new files
 * in a fresh repository are 10,000 stats less. What it does not rule out must be looked for.
 */
export class LooseNames {
  readonly #objects: string;
  #folders: Map<string, Folder> | undefined;

  constructor(objects: string) {
    this.#objects = objects;
  }

  isSurelyAbsent(oid: Oid): boolean {
    this.#folders ??= new Map(list(this.#objects).map((name) => [name, { asked: 0, names: undefined }]));
    const prefix = oid.slice(0, 2);
    const folder = this.#folders.get(prefix);
    if (folder === undefined) return true;
    if (folder.names === undefined && ++folder.asked <= WORTH_A_LIST) return false;
    folder.names ??= new Set(list(`${this.#objects}/${prefix}`));
    return !folder.names.has(oid.slice(2));
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw fromSystem(error, `list ${path}`);
  }
}
