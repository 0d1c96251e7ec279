import type { ObjectKind, Oid } from "../model.ts";
import { OidTable } from "../objects/oid-table.ts";

/** A place on the disk that does not hold what it should. */
export type Damage = {
  /** Absolute path of the file; for a pack that of the `.pack`. */
  readonly file: string;
  readonly kind:
    | "loose"
    | "entry"
    | "pack"
    | "pack-index"
    | "pack-alone"
    | "index-alone"
    | "cache"
    | "unreadable";
  /** The object that should be there; undefined: not one of its own. */
  readonly oid: Oid | undefined;
  readonly why: string;
  /** In the repository itself, not in one that it borrows from. */
  readonly isOwn: boolean;
};

const KINDS: readonly ObjectKind[] = ["commit", "tree", "blob", "tag"];
const COMMIT = KINDS.indexOf("commit") + 1;
/** In place of a kind: every copy so far is damaged. */
const DAMAGED = 255;

/** Every object that lies somewhere, with its kind if a copy is sound. About 30 bytes each. */
export class ObjectSurvey {
  readonly #names = new OidTable();
  #kinds = new Uint8Array(1024);
  readonly damage: Damage[] = [];
  /** Bytes on the disk that were looked at. */
  bytes = 0;
  /** A pack can not be looked into, as its index is damaged: what seems to be missing may lie in it. */
  isBlind = false;

  get count(): number {
    return this.#names.count;
  }

  addSound(oid: Uint8Array, kind: ObjectKind): void {
    this.#set(oid, KINDS.indexOf(kind) + 1);
  }

  addDamaged(oid: Uint8Array): void {
    const number = this.#names.find(oid, 0);
    if (number < 0) this.#set(oid, DAMAGED);
  }

  /** @param at where the 20 bytes of the name start */
  find(bytes: Uint8Array, at: number): ObjectKind | "damaged" | undefined {
    const number = this.#names.find(bytes, at);
    if (number < 0) return undefined;
    const kind = this.#kinds[number] ?? DAMAGED;
    return kind === DAMAGED ? "damaged" : KINDS[kind - 1];
  }

  findOid(oid: Oid): ObjectKind | "damaged" | undefined {
    return this.find(Buffer.from(oid, "hex"), 0);
  }

  *commits(): Generator<Oid> {
    for (let number = 0; number < this.#names.count; number++)
      if (this.#kinds[number] === COMMIT) yield this.#names.oidAt(number);
  }

  #set(oid: Uint8Array, kind: number): void {
    const number = this.#names.add(oid, 0);
    if (number >= this.#kinds.length) {
      const larger = new Uint8Array(this.#kinds.length * 2);
      larger.set(this.#kinds);
      this.#kinds = larger;
    }
    this.#kinds[number] = kind;
  }
}
