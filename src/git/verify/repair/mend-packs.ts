import { mkdirSync, rmSync } from "node:fs";
import { basename, relative } from "node:path";

import { LullError } from "../../../base/errors.ts";
import { BaseCache } from "../../objects/base-cache.ts";
import { ingestPack } from "../../objects/ingest-pack.ts";
import { makeTemporaryDirectory } from "../../objects/install-pack.ts";
import { openObjectStore } from "../../objects/object-store.ts";
import { PackWriter } from "../../objects/pack-writer.ts";
import { Packfile } from "../../objects/packfile.ts";
import { TurnKeeper } from "../../objects/turn-keeper.ts";
import { verifyPack, verifyPackedObject } from "../../objects/verify-pack.ts";
import { attempt, list } from "../attempt.ts";
import type { Damage, ObjectSurvey } from "../object-survey.ts";
import { fileChunks } from "./file-chunks.ts";
import { note, type Workshop } from "./workshop.ts";

const CACHE_BYTES = 48 * 1024 * 1024;
const WHOLE_UP_TO = 4 * 1024 * 1024;

/**
 * Makes indexes anew, puts what is whole in damaged packs into new ones, and takes damaged files out of the way, each
 * only when what is whole in it lies somewhere else, verified.
 */
export async function mendObjectFiles(workshop: Workshop, survey: ObjectSurvey): Promise<void> {
  const own = survey.damage.filter(({ isOwn }) => isOwn);
  const of = (...kinds: readonly Damage["kind"][]): readonly string[] => [
    ...new Set(own.filter(({ kind }) => kinds.includes(kind)).map(({ file }) => file)),
  ];
  for (const file of of("cache", "loose")) setAside(workshop, file);
  for (const file of of("pack-index", "pack-alone"))
    await makeIndex(workshop, file.replace(/\.(?:idx|pack)$/, ""));
  for (const file of of("entry", "pack")) await renewPack(workshop, file.slice(0, -".pack".length));
  for (const file of of("index-alone")) setAside(workshop, file);
}

function setAside({ aside, common, ...workshop }: Workshop, file: string): void {
  if (aside.move(file)) note({ ...workshop, aside, common }, relative(common, file), "was set aside");
}

/** @param path of the pack, without its extension */
async function makeIndex(workshop: Workshop, path: string): Promise<void> {
  const { common, aside, input } = workshop;
  const where = relative(common, `${path}.idx`);
  const store = openObjectStore(common);
  aside.move(`${path}.idx`);
  try {
    const doing = `read ${basename(path)}.pack`;
    using made = await ingestPack(store, fileStream(`${path}.pack`), { doing, signal: input.signal });
    // Old packs have another name than their checksum.
    if (made.pack !== undefined && made.pack !== basename(path)) setAsidePack(workshop, path);
    note(workshop, where, "was made anew from its pack");
  } catch (error) {
    if (!(error instanceof LullError) || !["BAD_PACK", "TRUNCATED"].includes(error.code)) throw error;
    setAsidePack(workshop, path);
    note(
      workshop,
      where,
      `can not be made anew, as the pack is damaged too (${error.message}); both were set aside`,
      "failed",
    );
  } finally {
    store.close();
  }
}

async function* fileStream(path: string): AsyncGenerator<Uint8Array> {
  yield* fileChunks(path);
}

/** With all that git and lull keep beside a pack. */
function setAsidePack({ aside, common }: Workshop, path: string): void {
  const name = basename(path);
  const folder = `${common}/objects/pack`;
  // The index first: a pack without one is not looked at.
  for (const file of list(folder).sort()) if (file.startsWith(`${name}.`)) aside.move(`${folder}/${file}`);
  // It speaks of packs that are gone.
  if (list(folder).includes("multi-pack-index")) aside.move(`${folder}/multi-pack-index`);
}

/** Git makes it to be quicker, and complains for ever of commits in it that are lost; its next `gc` makes a new one. */
export function setAsideCommitGraph({ aside, common }: Workshop): void {
  const info = `${common}/objects/info`;
  aside.move(`${info}/commit-graph`);
  if (list(`${info}/commit-graphs`).length > 0) aside.move(`${info}/commit-graphs`);
}

async function renewPack(workshop: Workshop, path: string): Promise<void> {
  const { common, input } = workshop;
  if (!list(`${common}/objects/pack`).includes(`${basename(path)}.pack`)) return;
  const where = relative(common, `${path}.pack`);
  const pack = new Packfile(path, new BaseCache(CACHE_BYTES), { gitDirectory: common, isLenient: true });
  try {
    const { whole, damaged } = await writePack(workshop, (writer) => copyWhole(pack, writer, input.signal));
    setAsidePack(workshop, path);
    note(
      workshop,
      where,
      `was set aside; ${whole} objects in it are whole and lie in a new pack, ${damaged} are damaged`,
    );
  } finally {
    pack.close();
  }
}

type Copied = { readonly whole: number; readonly damaged: number };

async function copyWhole(pack: Packfile, writer: PackWriter, signal: AbortSignal): Promise<Copied> {
  const turns = new TurnKeeper(signal);
  const { index } = pack;
  const positions = Array.from({ length: index.count }, (_, position) => position);
  positions.sort((a, b) => index.offsetAt(a) - index.offsetAt(b));
  let whole = 0;
  for (const position of positions) {
    const oid = index.oidAt(position);
    const checked = attempt(() => verifyPackedObject(pack, position, oid));
    if (checked.kind !== "sound") continue;
    const object = pack.open(position, oid, { wholeUpTo: WHOLE_UP_TO });
    if (object.bytes === undefined) writer.addStream(object.kind, object.size, object.chunks, () => false);
    else writer.add(oid, object.kind, object.bytes);
    whole++;
    if (turns.isDue(object.size)) await turns.turn();
  }
  return { whole, damaged: index.count - whole };
}

/** Makes a pack, reads it back object by object, and only then returns. */
export async function writePack<Result>(
  { common, input }: Workshop,
  fill: (writer: PackWriter) => Promise<Result>,
): Promise<Result> {
  const directory = makeTemporaryDirectory(common, "repair");
  mkdirSync(directory, { recursive: true });
  const writer = new PackWriter(directory);
  try {
    const result = await fill(writer);
    if (writer.count === 0) return result;
    using stack = new DisposableStack();
    const made = writer.finish(common);
    stack.use(made.keep);
    await verifyPack(`${common}/objects/pack/${made.name}`, common, input.signal);
    return result;
  } finally {
    writer.close();
    rmSync(directory, { recursive: true, force: true });
  }
}
