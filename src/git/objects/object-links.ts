import type { ObjectKind, Oid } from "../model.ts";
import { MODE } from "../model.ts";
import { parseCommitLinks } from "./commit-object.ts";
import { DamagedData } from "./damaged-data.ts";
import { OidTable } from "./oid-table.ts";
import { parseTag } from "./tag-object.ts";
import { nextTreeEntry } from "./tree-object.ts";

/** Bits by name: as what others refer to it, and, four bits higher, what it is. */
const AS: Readonly<Record<ObjectKind, number>> = { commit: 1, tree: 2, blob: 4, tag: 8 };
const IS_SHIFT = 4;
const REFERRED = 15;

/** The head of each commit that git writes: `tree `, 40 digits, line break; then the same with `parent `. */
const TREE = Buffer.from("tree ");
const PARENT = Buffer.from("parent ");
const AUTHOR = Buffer.from("author ");
const DIGITS = 40;
const LINE_BREAK = 10;

/**
 * What the objects of a pack are and what they refer to, gathered while each is in memory anyway. A pack that nothing
 * leads out of is whole, without reading its commits and trees a second time.
 */
export class ObjectLinks {
  readonly #names = new OidTable();
  #bits = new Uint8Array(1024);
  readonly #scratch = Buffer.alloc(20);
  #leadsOut = false;

  /**
   * Checks that an object can be read as what it says it is, and remembers its links. Names in trees are not judged
   * here but at checkout.
   * @param oid 20 raw bytes
   * @throws DamagedData
   */
  add(kind: ObjectKind, bytes: Buffer, oid: Uint8Array): void {
    this.#mark(oid, 0, AS[kind] << IS_SHIFT);
    if (kind === "tree") this.#addTree(bytes);
    else if (kind === "commit") this.#addCommit(bytes);
    else if (kind === "tag") this.#addTag(bytes);
  }

  /**
   * Says what an object is that was here before the pack. Its links are not looked at, so that the pack does not count
   * as closed any more.
   */
  addKnown(kind: ObjectKind, oid: Uint8Array): void {
    this.#mark(oid, 0, AS[kind] << IS_SHIFT);
    this.#leadsOut = true;
  }

  /** As `add` for a blob, which refers to nothing. */
  addBlob(oid: Uint8Array): void {
    this.#mark(oid, 0, AS.blob << IS_SHIFT);
  }

  /**
   * Whether each link leads to an object that is in the pack.
   * @throws DamagedData when one leads to an object of another kind
   */
  areClosed(): boolean {
    let areClosed = !this.#leadsOut;
    for (let number = 0; number < this.#names.count; number++) {
      const bits = this.#bits[number] ?? 0;
      const is = bits >> IS_SHIFT;
      const wrong = is === 0 ? 0 : bits & REFERRED & ~is;
      if (wrong !== 0) throw new DamagedData("bad", this.#wrongKind(number, wrong));
      if (is === 0) areClosed = false;
    }
    return areClosed;
  }

  /** Whether this object is in the pack. */
  has(oid: Oid): boolean {
    const number = this.#names.findOid(oid);
    return number >= 0 && (this.#bits[number] ?? 0) >> IS_SHIFT !== 0;
  }

  #addTree(tree: Buffer): void {
    for (let at = 0; at < tree.length;) {
      const { mode, end } = nextTreeEntry(tree, at);
      at = end;
      // A submodule's commit lies in another repository.
      if (mode === MODE.submodule) continue;
      this.#mark(tree, end - 20, mode === MODE.directory ? AS.tree : AS.blob);
    }
  }

  #addCommit(commit: Buffer): void {
    let at = 0;
    let isPlain = isWordAt(commit, at, TREE) && this.#markLine(commit, TREE.length, AS.tree);
    for (at = TREE.length + DIGITS + 1; isPlain && isWordAt(commit, at, PARENT);) {
      isPlain = this.#markLine(commit, at + PARENT.length, AS.commit);
      at += PARENT.length + DIGITS + 1;
    }
    // Anything unusual is for the one who will have to read it.
    if (isPlain && isWordAt(commit, at, AUTHOR)) return;
    const { tree, parents } = parseCommitLinks(commit);
    this.#markOid(tree, AS.tree);
    for (const parent of parents) this.#markOid(parent, AS.commit);
  }

  #addTag(bytes: Buffer): void {
    const { object, kind } = parseTag(bytes);
    this.#markOid(object, AS[kind]);
  }

  /** @returns false when it is no name with a line break behind it */
  #markLine(bytes: Buffer, start: number, bit: number): boolean {
    for (let at = 0; at < 20; at++) {
      const high = digit(bytes[start + 2 * at]);
      const low = digit(bytes[start + 2 * at + 1]);
      if (high < 0 || low < 0) return false;
      this.#scratch[at] = high * 16 + low;
    }
    if (bytes[start + DIGITS] !== LINE_BREAK) return false;
    this.#mark(this.#scratch, 0, bit);
    return true;
  }

  #markOid(oid: Oid, bit: number): void {
    this.#scratch.write(oid, "hex");
    this.#mark(this.#scratch, 0, bit);
  }

  #mark(bytes: Uint8Array, at: number, bit: number): void {
    const number = this.#names.add(bytes, at);
    if (number >= this.#bits.length) {
      const bits = new Uint8Array(this.#bits.length * 2);
      bits.set(this.#bits);
      this.#bits = bits;
    }
    this.#bits[number] = (this.#bits[number] ?? 0) | bit;
  }

  #wrongKind(number: number, wrong: number): string {
    const kindOf = (bit: number): string => KINDS.find((kind) => (AS[kind] & bit) !== 0) ?? "";
    const is = kindOf((this.#bits[number] ?? 0) >> IS_SHIFT);
    return `object ${this.#names.oidAt(number)} is a ${is} where a ${kindOf(wrong)} must be`;
  }
}

const KINDS: readonly ObjectKind[] = ["commit", "tree", "blob", "tag"];

function isWordAt(bytes: Buffer, start: number, word: Buffer): boolean {
  for (let at = 0; at < word.length; at++) if (bytes[start + at] !== word[at]) return false;
  return true;
}

/** Of a lower-case hex digit, else -1. */
function digit(byte = 0): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  return byte >= 0x61 && byte <= 0x66 ? byte - 0x57 : -1;
}
