import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";

import { BaseCache } from "../objects/base-cache.ts";
import { PackIndex } from "../objects/pack-index.ts";
import { Packfile } from "../objects/packfile.ts";
import { verifyPackedObject } from "../objects/verify-pack.ts";
import type { Damage, ObjectSurvey } from "./object-survey.ts";
import { attempt, damageOf, list } from "./attempt.ts";
import type { Work } from "./work.ts";

const CACHE_BYTES = 48 * 1024 * 1024;
const CHUNK = 1024 * 1024;
const CHECKSUM = 20;

export type PackPlace = {
  readonly survey: ObjectSurvey;
  readonly isOwn: boolean;
  /** In whose temporary folder large contents go. */
  readonly gitDirectory: string;
};

/**
 * Files beside the packs that git makes to be quicker, each with a checksum at its end. Lull reads none of them, git
 * would go wrong with them.
 */
const CACHES =
  /^(?:pack-[0-9a-f]{40}\.(?:rev|bitmap|mtimes)|multi-pack-index(?:-[0-9a-f]{40}\.(?:rev|bitmap))?)$/;

/** All packs of one folder. */
export class PackSurvey {
  readonly #folder: string;
  readonly #place: PackPlace;
  readonly #names: readonly string[];
  /** Bytes that `run` will look at; a pack is read twice, as a whole and object by object. */
  readonly work: number;

  constructor(folder: string, place: PackPlace) {
    this.#folder = folder;
    this.#place = place;
    this.#names = list(folder).sort();
    this.work = this.#packs().reduce((sum, name) => sum + 2 * sizeOf(`${folder}/${name}.pack`), 0);
  }

  async run(work: Work): Promise<void> {
    const names = new Set(this.#names);
    for (const name of this.#packs()) await this.#check(name, names.has(`${name}.idx`), work);
    for (const name of this.#names) {
      const pack = /^(.*)\.idx$/.exec(name)?.[1];
      if (pack !== undefined && !names.has(`${pack}.pack`))
        this.#note("index-alone", name, "its pack is not there");
      if (CACHES.test(name)) await this.#checkSum(name, "cache", work);
    }
    const info = `${this.#folder}/../info`;
    for (const name of list(info))
      if (name === "commit-graph") await this.#checkSum("../info/commit-graph", "cache", work);
    for (const name of list(`${info}/commit-graphs`))
      if (/^graph-[0-9a-f]{40}\.graph$/.test(name))
        await this.#checkSum(`../info/commit-graphs/${name}`, "cache", work);
  }

  #packs(): string[] {
    return this.#names.filter((name) => name.endsWith(".pack")).map((name) => name.slice(0, -5));
  }

  #open(name: string, options: { readonly isLenient?: boolean } = {}): Packfile {
    const { gitDirectory } = this.#place;
    return new Packfile(`${this.#folder}/${name}`, new BaseCache(CACHE_BYTES), { gitDirectory, ...options });
  }

  async #check(name: string, hasIndex: boolean, work: Work): Promise<void> {
    const { survey } = this.#place;
    const path = `${this.#folder}/${name}`;
    survey.bytes += sizeOf(`${path}.pack`);
    const isWhole = await this.#checkSum(`${name}.pack`, "pack", work);
    // Git puts the pack in its place first: it may come in this moment.
    if (!hasIndex && !list(this.#folder).includes(`${name}.idx`)) {
      this.#note(
        "pack-alone",
        `${name}.pack`,
        isWhole ? "it has no index" : "it has no index and is damaged",
      );
      return;
    }
    const pack = this.#open(name);
    try {
      const opened = attempt(() => PackIndex.load(`${path}.idx`));
      if (opened.kind === "damaged") {
        survey.isBlind ||= isWhole;
        this.#note("pack-index", `${name}.idx`, opened.why);
        return;
      }
      if (opened.kind === "sound") await this.#checkObjects(pack, name, { work, isWhole });
    } finally {
      pack.close();
    }
  }

  async #checkObjects(
    pack: Packfile,
    name: string,
    { work, isWhole }: { readonly work: Work; readonly isWhole: boolean },
  ): Promise<void> {
    const opened = attempt(() => pack.file);
    if (opened.kind === "gone") return;
    if (opened.kind === "damaged") {
      if (isWhole) this.#note("pack", `${name}.pack`, opened.why);
      // Neither git nor lull reads it; a repair can.
      this.#place.survey.isBlind = true;
    }
    const isUsable = opened.kind === "sound";
    const reading = isUsable ? pack : this.#open(name, { isLenient: true });
    try {
      await this.#checkEach(reading, name, { work, isUsable });
    } finally {
      reading.close();
    }
  }

  async #checkEach(
    pack: Packfile,
    name: string,
    { work, isUsable }: { readonly work: Work; readonly isUsable: boolean },
  ): Promise<void> {
    const { index } = pack;
    const positions = Array.from({ length: index.count }, (_, position) => position);
    // As they lie: a base comes shortly before what builds upon it.
    positions.sort((a, b) => index.offsetAt(a) - index.offsetAt(b));
    let before = 0;
    for (const position of positions) {
      const offset = index.offsetAt(position);
      if (!this.#checkObject(pack, name, { position, isUsable })) return;
      await work.did(Math.max(0, offset - before));
      before = offset;
    }
  }

  /** @returns false when the pack went away */
  #checkObject(
    pack: Packfile,
    name: string,
    { position, isUsable }: { readonly position: number; readonly isUsable: boolean },
  ): boolean {
    const { survey, isOwn } = this.#place;
    const oid = pack.index.oidAt(position);
    const outcome = attempt(() => verifyPackedObject(pack, position, oid).kind);
    if (outcome.kind === "sound" && isUsable) survey.addSound(Buffer.from(oid, "hex"), outcome.value);
    if (outcome.kind === "damaged") {
      survey.addDamaged(Buffer.from(oid, "hex"));
      const file = `${this.#folder}/${name}.pack`;
      survey.damage.push({ file, kind: "entry", oid, why: outcome.why, isOwn });
    }
    return outcome.kind !== "gone";
  }

  /** @returns whether the file ends with the checksum of all before */
  async #checkSum(name: string, kind: "pack" | "cache", work: Work): Promise<boolean> {
    const outcome = attempt(() => openSync(`${this.#folder}/${name}`, "r"));
    if (outcome.kind === "damaged") this.#note(outcome.as ?? kind, name, outcome.why);
    if (outcome.kind !== "sound") return false;
    try {
      if (await endsWithChecksum(outcome.value, work)) return true;
      this.#note(kind, name, "it does not match its own checksum");
      return false;
    } catch (error) {
      const damage = damageOf(error);
      if (damage.kind === "damaged") this.#note(damage.as ?? kind, name, damage.why);
      return false;
    } finally {
      closeSync(outcome.value);
    }
  }

  #note(kind: Damage["kind"], name: string, why: string): void {
    const { survey, isOwn } = this.#place;
    survey.damage.push({ file: `${this.#folder}/${name}`, kind, oid: undefined, why, isOwn });
  }
}

async function endsWithChecksum(handle: number, work: Work): Promise<boolean> {
  const { size } = fstatSync(handle);
  if (size < CHECKSUM) return false;
  const hasher = new Bun.CryptoHasher("sha1");
  const chunk = Buffer.allocUnsafeSlow(CHUNK);
  for (let at = 0; at < size - CHECKSUM;) {
    const count = readSync(handle, chunk, 0, Math.min(CHUNK, size - CHECKSUM - at), at);
    if (count === 0) return false;
    hasher.update(chunk.subarray(0, count));
    at += count;
    await work.did(count);
  }
  const end = Buffer.alloc(CHECKSUM);
  readSync(handle, end, 0, CHECKSUM, size - CHECKSUM);
  return hasher.digest().equals(end);
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
