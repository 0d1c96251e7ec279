import { LullError } from "../../../base/errors.ts";
import type { GitObject, ObjectKind, Oid } from "../../model.ts";
import { type ObjectStore, openObjectStore } from "../../objects/object-store.ts";
import type { OpenedObject } from "../../objects/opened-object.ts";
import { TurnKeeper } from "../../objects/turn-keeper.ts";
import { locateHoles } from "../describe-holes.ts";
import { findHoles, type Root, type WalkReader } from "../object-walk.ts";
import { surveyReader, type Verified } from "../verify-repository.ts";
import { findLocalCopies, type LocalCopies } from "./local-copies.ts";
import { writePack } from "./mend-packs.ts";
import { fetchAll, type Quarantine } from "./quarantine.ts";
import type { RescueRemote } from "./repair-result.ts";
import { note, type Workshop } from "./workshop.ts";

const WHOLE_UP_TO = 4 * 1024 * 1024;

/**
 * Brings lost objects back: from files and the index first, then from one remote after the other until nothing is
 * missing. Only what something here refers to is taken in.
 * @returns whether anything came back
 */
export async function rescueObjects(
  workshop: Workshop,
  verified: Verified,
  remotes: readonly RescueRemote[],
): Promise<boolean> {
  const roots = wantedRoots(verified);
  const store = openObjectStore(workshop.common);
  using stack = new DisposableStack();
  stack.defer(() => store.close());
  const rescue = new Rescue(verified, store, await localCopies(workshop, verified, store));
  let missing = await rescue.walk(roots, workshop.input.signal);
  for (const remote of missing === 0 ? [] : remotes) {
    const quarantine = await quarantineOf(workshop, remote);
    if (quarantine === undefined) continue;
    stack.use(quarantine);
    rescue.add(remote.name, quarantine.store);
    missing = await rescue.walk(roots, workshop.input.signal);
    if (missing === 0) break;
  }
  if (rescue.taken.size === 0) return false;
  await writePack(workshop, (writer) => rescue.write(writer, workshop.input.signal));
  for (const [from, count] of rescue.counts())
    note(workshop, count === 1 ? "one object" : `${count} objects`, `came back from ${from}`);
  return true;
}

/** What branches, logs and the index name; the index names only files. */
function wantedRoots({ look }: Verified): readonly Root[] {
  const { refs, index } = look;
  const logged = refs.reflogs.flatMap(({ oids }) => oids.map((oid) => ({ oid, as: undefined })));
  const staged = index.findings.flatMap(({ code, oids }) =>
    code === "INDEX_WITHOUT_OBJECT" ? oids.map((oid) => ({ oid, as: "blob" as const })) : [],
  );
  return [...refs.roots, ...logged, ...staged];
}

async function localCopies(
  { parts, input }: Workshop,
  { look, survey }: Verified,
  store: ObjectStore,
): Promise<LocalCopies> {
  const { index } = look.index;
  if (index === undefined) return new Map();
  const holes = new Set(look.holes.keys());
  const missed = await locateHoles(store, holes, look.refs.refs.values(), input.signal);
  const paths = [...missed.values()].flatMap((one) => one.paths);
  const reader = surveyReader(survey, store);
  const isLost = (oid: Oid): boolean => reader.kindAt(Buffer.from(oid, "hex"), 0) === undefined;
  return findLocalCopies(parts, { index, isLost, paths });
}

async function quarantineOf(
  workshop: Workshop,
  { name, connect }: RescueRemote,
): Promise<Quarantine | undefined> {
  try {
    const connection = await connect();
    try {
      return await fetchAll(workshop.common, connection, workshop.input);
    } finally {
      await connection.close();
    }
  } catch (error) {
    if (!(error instanceof LullError) || error.kind === "interrupted") throw error;
    note(workshop, name, `could not be asked for lost objects: ${error.message}`, "failed");
    return undefined;
  }
}

const HERE = "the folder";

/** Walks as if the lost objects were there, and notes which of them that needs. */
class Rescue implements WalkReader {
  /** By name: where each comes from. */
  readonly taken = new Map<Oid, string>();
  readonly #own: WalkReader;
  readonly #store: ObjectStore;
  readonly #local: LocalCopies;
  readonly #others = new Map<string, ObjectStore>();

  constructor({ survey }: Verified, store: ObjectStore, local: LocalCopies) {
    this.#own = surveyReader(survey, store);
    this.#store = store;
    this.#local = local;
  }

  add(name: string, store: ObjectStore): void {
    this.#others.set(name, store);
  }

  /** @returns how many are missing all the same */
  async walk(roots: readonly Root[], signal: AbortSignal): Promise<number> {
    this.taken.clear();
    const [holes] = await findHoles(this, [roots], signal);
    return [...(holes?.values() ?? [])].filter(({ problem }) => problem === "absent").length;
  }

  kindAt(bytes: Uint8Array, at: number): ObjectKind | undefined {
    const own = this.#own.kindAt(bytes, at);
    if (own !== undefined) return own;
    const oid = Buffer.from(bytes.buffer, bytes.byteOffset + at, 20).toString("hex");
    const local = this.#local.get(oid);
    if (local !== undefined) {
      this.taken.set(oid, HERE);
      return local.kind;
    }
    for (const [name, store] of this.#others) {
      if (!store.has(oid)) continue;
      this.taken.set(oid, name);
      return store.header(oid).kind;
    }
    return undefined;
  }

  read(oid: Oid): GitObject {
    const from = this.taken.get(oid);
    if (from === undefined) return this.#store.read(oid);
    const opened = this.#open(oid, from, Number.POSITIVE_INFINITY);
    if (opened.bytes === undefined) throw new Error(`object ${oid} is no tree`);
    return { kind: opened.kind, bytes: opened.bytes };
  }

  async write(writer: Parameters<Parameters<typeof writePack>[1]>[0], signal: AbortSignal): Promise<void> {
    const turns = new TurnKeeper(signal);
    for (const [oid, from] of this.taken) {
      const object = this.#open(oid, from, WHOLE_UP_TO);
      if (object.bytes === undefined) {
        // A file that changed meanwhile is left out again.
        const isOther = (found: Oid): boolean => found !== oid;
        writer.addStream(object.kind, object.size, object.chunks, isOther);
      } else writer.add(oid, object.kind, object.bytes);
      if (turns.isDue(object.size)) await turns.turn();
    }
  }

  counts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const from of this.taken.values()) counts.set(from, (counts.get(from) ?? 0) + 1);
    return counts;
  }

  #open(oid: Oid, from: string, wholeUpTo: number): OpenedObject {
    const local = from === HERE ? this.#local.get(oid) : undefined;
    if (local !== undefined) return local.open();
    return (this.#others.get(from) ?? this.#store).open(oid, { wholeUpTo });
  }
}
