import { LullError } from "../../base/errors.ts";
import { EMPTY_TREE, type GitObject, MODE, type ObjectKind, type Oid } from "../model.ts";
import { parseCommitLinks } from "../objects/commit-object.ts";
import { UNREADABLE } from "./attempt.ts";
import { DamagedData } from "../objects/damaged-data.ts";
import { OidTable } from "../objects/oid-table.ts";
import { parseTag } from "../objects/tag-object.ts";
import { nextTreeEntry } from "../objects/tree-object.ts";
import { TurnKeeper } from "../objects/turn-keeper.ts";

/** Where objects come from that a walk looks at. */
export type WalkReader = {
  /** What the object is whose 20 bytes start at `at`; undefined: there is no sound copy of it. */
  kindAt(bytes: Uint8Array, at: number): ObjectKind | undefined;
  /** @throws LullError `OBJECT_MISSING`, `OBJECT_CORRUPT` */
  read(oid: Oid): GitObject;
};

export type Root = {
  readonly oid: Oid;
  /** What it must be; undefined: anything. */
  readonly as: ObjectKind | undefined;
};

/** What is wrong with an object that is reachable. */
export type Hole = {
  readonly oid: Oid;
  /** What those who name it take it for; undefined: a root, which may be anything. */
  readonly as: ObjectKind | undefined;
  readonly problem: "absent" | "wrong-kind" | "malformed";
  readonly why: string;
};

/**
 * Walks everything that the roots reach and returns what is not there, each object once: one list for each group of
 * roots, without what an earlier group reaches. Blobs are looked up only: whether they are whole is for the reader to know.
 */
export async function findHoles(
  reader: WalkReader,
  groups: readonly (readonly Root[])[],
  signal: AbortSignal,
): Promise<readonly ReadonlyMap<Oid, Hole>[]> {
  const walk = new ObjectWalk(reader, signal);
  const found: ReadonlyMap<Oid, Hole>[] = [];
  for (const roots of groups) {
    walk.holes = new Map();
    await walk.run(roots);
    found.push(walk.holes);
  }
  return found;
}

class ObjectWalk {
  holes = new Map<Oid, Hole>();
  readonly #reader: WalkReader;
  readonly #turns: TurnKeeper;
  readonly #seen = new OidTable();
  readonly #stack: Oid[] = [];
  readonly #scratch = Buffer.alloc(20);

  constructor(reader: WalkReader, signal: AbortSignal) {
    this.#reader = reader;
    this.#turns = new TurnKeeper(signal);
  }

  async run(roots: Iterable<Root>): Promise<void> {
    for (const { oid, as } of roots) {
      this.#see(oid, as);
      for (let next = this.#stack.pop(); next !== undefined; next = this.#stack.pop()) {
        const bytes = this.#open(next);
        if (this.#turns.isDue(bytes)) await this.#turns.turn();
      }
    }
  }

  #see(oid: Oid, as: ObjectKind | undefined): void {
    this.#scratch.write(oid, 0, 20, "hex");
    this.#seeAt(this.#scratch, 0, as);
  }

  #seeAt(bytes: Uint8Array, at: number, as: ObjectKind | undefined): void {
    const before = this.#seen.count;
    const isNew = this.#seen.add(bytes, at) === before;
    // Of most objects it is known what they are taken for: the wrong kind shows the first time or never.
    if (!isNew && as !== "commit") return;
    const kind = this.#reader.kindAt(bytes, at);
    const oid = (): Oid => Buffer.from(bytes.buffer, bytes.byteOffset + at, 20).toString("hex");
    if (kind === undefined) {
      const name = oid();
      if (name !== EMPTY_TREE && !this.holes.has(name))
        this.holes.set(name, { oid: name, as, problem: "absent", why: "it is not there" });
    } else if (as !== undefined && kind !== as) {
      const why = `it is a ${kind} where a ${as} must be`;
      this.holes.set(oid(), { oid: oid(), as, problem: "wrong-kind", why });
    } else if (isNew && kind !== "blob") {
      this.#stack.push(oid());
    }
  }

  /** @returns bytes read */
  #open(oid: Oid): number {
    try {
      const { kind, bytes } = this.#reader.read(oid);
      this.#follow(kind, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
      return bytes.length;
    } catch (error) {
      if (!(error instanceof LullError)) throw error;
      const isMalformed = error instanceof DamagedData;
      const isAbsent =
        ["OBJECT_MISSING", "OBJECT_CORRUPT"].includes(error.code) || UNREADABLE.has(error.code);
      if (!isMalformed && !isAbsent) throw error;
      const problem = isMalformed ? "malformed" : "absent";
      this.holes.set(oid, { oid, as: undefined, problem, why: error.message });
      return 0;
    }
  }

  #follow(kind: ObjectKind, bytes: Buffer): void {
    if (kind === "commit") {
      const { tree, parents } = parseCommitLinks(bytes);
      this.#see(tree, "tree");
      for (const parent of parents) this.#see(parent, "commit");
    } else if (kind === "tag") {
      const tag = parseTag(bytes);
      this.#see(tag.object, tag.kind);
    } else if (kind === "tree") {
      for (let at = 0; at < bytes.length;) {
        const { mode, end } = nextTreeEntry(bytes, at);
        if (mode !== MODE.submodule) this.#seeAt(bytes, end - 20, mode === MODE.directory ? "tree" : "blob");
        at = end;
      }
    }
  }
}
