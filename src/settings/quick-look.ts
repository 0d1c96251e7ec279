/**
 * Tells by one look at every name whether the home is still as it was after a gathering that left nothing to do: in nearly
 * every run it is. What is remembered lies in `<gitdir>/lull/home-look`, as rows of numbers: ten thousand objects are what
 * the time of a look from scratch goes into. It never says more than "as before"; all else is found out anew.
 */
import { dirname } from "node:path";

import { makePrivateDirectory, writeFileAtomic } from "../base/atomic-file.ts";
import { systemCode } from "../base/errors.ts";
import { fixedMemory } from "../base/fixed-memory.ts";
import { readSmallFile } from "../base/small-file.ts";
import { isSame } from "./content.ts";
import { type FolderRows, type OpenFolderStats, stampOfRow } from "./file-look.ts";
import type { FileStamp, Found, PassedOver } from "./find-files.ts";
import type { GatherRecord } from "./gather-record.ts";

export type QuickLookInput = {
  readonly gitDirectory: string;
  /** What decides which files are looked for, in one text. */
  readonly key: string;
  readonly openFolderStats: OpenFolderStats;
};

type Folder = readonly [path: string, isWhole: 0 | 1, from: number, to: number];
type Head = {
  readonly version: 1;
  readonly key: string;
  readonly folders: readonly Folder[];
  /** Where nothing was. */
  readonly absent: readonly string[];
  readonly passedOver: readonly PassedOver[];
};

const LARGEST = 256 * 1024 * 1024;
/** Words of a file that are compared. */
const WORDS = 7;
/** What a row is of: any entry, that must only be there; a folder; a gathered file. */
const KIND = { any: 0, folder: 1, file: 2 } as const;
const FORMAT_OF_MODE = 0xf000;
const MODE_WORD = 5;

/** Returns what had to be passed over; undefined: something has changed, or nobody can tell. */
export function isAsRemembered(input: QuickLookInput): readonly PassedOver[] | undefined {
  const memory = read(input.gitDirectory);
  if (memory === undefined || memory.head.key !== input.key) return undefined;
  const stats = input.openFolderStats("");
  if (stats === undefined) return undefined;
  try {
    const isAsBefore =
      memory.head.folders.every((folder) => isFolderAsBefore(stats, memory, folder)) &&
      memory.head.absent.every((path) => isAbsent(stats, path));
    return isAsBefore ? memory.head.passedOver : undefined;
  } finally {
    stats.close();
  }
}

function isFolderAsBefore(stats: FolderRows, memory: Memory, [path, isWhole, from, to]: Folder): boolean {
  if (!stats.enter(`${path.slice(1)}/.`)) return false;
  if (isWhole === 1 && stats.list()?.count !== to - from) return false;
  for (let at = from; at < to;) {
    const filled = stats.lookAtAll(memory.names, memory.places, at, to);
    if (filled === 0) return false;
    for (let row = 0; row < filled; row++) if (!isRowAsBefore(stats, memory, row, at + row)) return false;
    at += filled;
  }
  return true;
}

function isRowAsBefore(
  { answers, layout }: FolderRows,
  { kinds, words }: Memory,
  row: number,
  at: number,
): boolean {
  const kind = kinds[at];
  if (kind === KIND.any) return true;
  const base = row * layout.row;
  const mode = (answers[base + layout.mode] ?? 0) & 0xffff;
  if (kind === KIND.folder) return mode === words[at * WORDS + MODE_WORD];
  const first = at * WORDS;
  return (
    answers[base + layout.mtimeNanoseconds] === words[first] &&
    answers[base + layout.mtimeSeconds] === words[first + 1] &&
    answers[base + layout.ctimeNanoseconds] === words[first + 2] &&
    answers[base + layout.ctimeSeconds] === words[first + 3] &&
    answers[base + layout.inode] === words[first + 4] &&
    mode === words[first + MODE_WORD] &&
    answers[base + layout.size] === words[first + 6]
  );
}

function isAbsent(stats: FolderRows, path: string): boolean {
  const slash = path.lastIndexOf("/");
  return !stats.enter(`${path.slice(1, slash)}/.`) || !stats.look(bytesOf(path.slice(slash + 1)), 0);
}

/**
 * Remembers how everything stands now.
 * @returns false where something has changed again, or can not be told this way: then nothing is remembered
 */
export function remember(input: QuickLookInput, found: Found, record: GatherRecord): boolean {
  const stats = input.openFolderStats("");
  if (stats === undefined) return false;
  try {
    const builder = new Builder(stats, stampsByPath(found, record));
    const isTold =
      found.walked.every((path) => builder.whole(path)) &&
      found.tops.every(({ is, path }) => (is !== "file" && is !== "folder") || builder.one(path));
    if (!isTold) return false;
    const absent = found.tops.filter(({ is }) => is === "absent").map(({ path }) => path);
    write(input.gitDirectory, builder.finish({ key: input.key, absent, passedOver: found.passedOver }));
    return true;
  } finally {
    stats.close();
  }
}

function stampsByPath(found: Found, record: GatherRecord): ReadonlyMap<string, FileStamp> {
  const stamps = new Map<string, FileStamp>();
  for (const { path, copy } of found.files) {
    const last = record.get(copy);
    if (last !== undefined) stamps.set(path, last.stamp);
  }
  return stamps;
}

class Builder {
  readonly #stats: FolderRows;
  readonly #stamps: ReadonlyMap<string, FileStamp>;
  readonly #folders: Folder[] = [];
  readonly #names: Buffer[] = [];
  readonly #kinds: number[] = [];
  readonly #words: number[] = [];

  constructor(stats: FolderRows, stamps: ReadonlyMap<string, FileStamp>) {
    this.#stats = stats;
    this.#stamps = stamps;
  }

  whole(path: string): boolean {
    if (!this.#stats.enter(`${path.slice(1)}/.`)) return false;
    const names = this.#stats.list()?.names();
    return names !== undefined && this.#add(path, names, 1);
  }

  one(path: string): boolean {
    const folder = dirname(path);
    return (
      this.#stats.enter(`${folder.slice(1)}/.`) &&
      this.#add(folder, [bytesOf(path.slice(folder.length + 1))], 0)
    );
  }

  #add(path: string, names: readonly string[], isWhole: 0 | 1): boolean {
    const from = this.#kinds.length;
    for (const name of names) {
      if (!this.#stats.look(name, 0)) return false;
      const { answer } = this.#stats;
      const stamp = this.#stamps.get(`${path}/${Buffer.from(name, "latin1").toString("utf8")}`);
      // What was gathered must be what stands there now.
      if (stamp !== undefined && !isSame(stamp, stampOfRow(answer))) return false;
      const mode = answer[6] ?? 0;
      const isFolder = (mode & FORMAT_OF_MODE) === 0x4000;
      this.#kinds.push(stamp !== undefined ? KIND.file : isFolder ? KIND.folder : KIND.any);
      this.#words.push(
        answer[3] ?? 0,
        answer[2] ?? 0,
        answer[1] ?? 0,
        answer[0] ?? 0,
        answer[5] ?? 0,
        mode,
        answer[9] ?? 0,
      );
      this.#names.push(Buffer.from(`${name}\0`, "latin1"));
    }
    this.#folders.push([path, isWhole, from, this.#kinds.length]);
    return true;
  }

  finish(head: Omit<Head, "version" | "folders">): Buffer {
    const places = new Uint32Array(this.#names.length);
    let place = 0;
    for (const [index, name] of this.#names.entries()) {
      places[index] = place;
      place += name.length;
    }
    const text = Buffer.from(JSON.stringify({ version: 1, ...head, folders: this.#folders } satisfies Head));
    const sizes = Buffer.from(new Uint32Array([text.length, this.#kinds.length]).buffer);
    const words = Buffer.from(new Uint32Array(this.#words).buffer);
    return Buffer.concat([
      sizes,
      words,
      Buffer.from(places.buffer),
      Buffer.from(this.#kinds),
      text,
      ...this.#names,
    ]);
  }
}

type Memory = {
  readonly head: Head;
  readonly names: Uint8Array;
  readonly places: Uint32Array;
  readonly kinds: Uint8Array;
  readonly words: Uint32Array;
};

function read(gitDirectory: string): Memory | undefined {
  try {
    const file = readSmallFile(pathOf(gitDirectory), LARGEST);
    return file === undefined ? undefined : parse(file);
  } catch (error) {
    // It only saves work: whatever is wrong with it, the long way knows as much.
    if (systemCode(error) !== undefined || error instanceof SyntaxError || error instanceof RangeError)
      return undefined;
    throw error;
  }
}

function parse(file: Buffer): Memory {
  const bytes = fixedMemory(file.length);
  file.copy(bytes);
  const { buffer } = bytes;
  const [headLength = 0, count = 0] = new Uint32Array(buffer, 0, 2);
  const placesAt = 8 + count * WORDS * 4;
  const kindsAt = placesAt + count * 4;
  const headAt = kindsAt + count;
  return {
    words: new Uint32Array(buffer, 8, count * WORDS),
    places: new Uint32Array(buffer, placesAt, count),
    kinds: new Uint8Array(buffer, kindsAt, count),
    head: JSON.parse(bytes.toString("utf8", headAt, headAt + headLength)) as Head,
    names: new Uint8Array(buffer, headAt + headLength),
  };
}

function write(gitDirectory: string, content: Buffer): void {
  const temporaryDirectory = `${gitDirectory}/lull/tmp`;
  makePrivateDirectory(temporaryDirectory);
  writeFileAtomic(pathOf(gitDirectory), content, { temporaryDirectory, mode: 0o600 });
}

function pathOf(gitDirectory: string): string {
  return `${gitDirectory}/lull/home-look`;
}

function bytesOf(name: string): string {
  return Buffer.from(name).toString("latin1");
}
