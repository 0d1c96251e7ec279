/**
 * What may be on a disk after a power cut, by the log of `call-tracer.c`: a model of a journalling file system in which
 * nothing lasts that nobody waited for. The bytes of a file last when the file was synced; of what was not waited for
 * there is all, a part, zeros in its place, or nothing, by chance.
 */
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

import type { Random } from "../helpers/random.ts";
import { unescapePath } from "./tracer.ts";

export type LoggedCall = {
  readonly call: string;
  /** Of a write; the size of a truncate; flags or mode of others. */
  readonly position: number;
  readonly bytes: Buffer;
  readonly path: string;
  readonly second: string;
};

export function readLog(log: string): LoggedCall[] {
  const data = readFileSync(`${log}.data`);
  return readFileSync(log, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [, call = "", position, offset, size, path = "", second = ""] = line.split("\t");
      return {
        call,
        position: Number(position),
        bytes: data.subarray(Number(offset), Number(offset) + Number(size)),
        path: unescapePath(path),
        second: unescapePath(second),
      };
    });
}

type Change = { readonly at: number; readonly bytes: Buffer } | { readonly size: number };

class File {
  mode: number;
  /** What has reached the disk. */
  durable: Buffer;
  /** What has not, in order. */
  pending: Change[] = [];
  readonly kind = "file";

  constructor(mode: number, durable: Buffer) {
    this.mode = mode;
    this.durable = durable;
  }

  now(count = this.pending.length): Buffer {
    return this.pending.slice(0, count).reduce(apply, this.durable);
  }

  sync(): void {
    this.durable = this.now();
    this.pending = [];
  }
}

class Folder {
  mode: number;
  readonly kind = "folder";
  readonly durable = new Map<string, Node>();
  readonly now = new Map<string, Node>();

  constructor(mode: number) {
    this.mode = mode;
  }
}

type Link = { readonly kind: "link"; readonly target: string };
type Node = File | Folder | Link;

/** A change of names, which happens as a whole: in one folder, or in the two of a rename. */
type NameChange = { readonly folder: Folder; readonly name: string; readonly node: Node | undefined };
type Step = { readonly changes: readonly NameChange[] };

const CREATES = 0o100;
const EMPTIES = 0o1000;
/** Flag of a rename: both stand in each other's place then. */
const EXCHANGES = 2;

/**
 * When changes of names last. `journal`: with every sync of anything, all that came before (ext4, XFS, APFS, NTFS).
 * `strict`: with the sync of a folder that they concern, and no others (what POSIX promises; btrfs comes near it).
 */
export type Names = "journal" | "strict";

export class DiskModel {
  readonly #roots = new Map<string, Folder>();
  readonly #names: Names;
  #steps: Step[] = [];

  /** Takes what the folders hold now as what is on the disk. */
  constructor(folders: readonly string[], names: Names) {
    this.#names = names;
    for (const path of folders) this.#roots.set(path, load(path) as Folder);
  }

  play(logged: LoggedCall): void {
    const { call, path, second, position, bytes } = logged;
    switch (call) {
      case "open":
        return this.#open(path, position);
      case "write":
        return void this.#file(path)?.pending.push({ at: position, bytes });
      case "truncate":
        return void this.#file(path)?.pending.push({ size: position });
      case "mkdir":
        return this.#name(path, new Folder(position & 0o777 & ~0o022));
      case "symlink":
        return this.#name(path, { kind: "link", target: second });
      case "link":
        return this.#name(second, this.#at(path));
      case "unlink":
      case "rmdir":
        return this.#name(path, undefined);
      case "rename":
        return position === EXCHANGES ? this.#exchange(path, second) : this.#rename(path, second);
      case "chmod": {
        const node = this.#at(path);
        if (node !== undefined && node.kind !== "link") node.mode = position & 0o777;
        return;
      }
      case "fsync":
        return this.#sync(path);
      case "syncfs":
        return this.#syncAll();
      case "utimes":
        return;
      case "mmap":
        // SQLite's index of its log, which it makes anew after a crash.
        if (path.endsWith("-shm")) return;
        break;
      default:
    }
    throw new Error(`the model of a disk does not know ${call} ${path}`);
  }

  /** Replaces the folders by what a cut at this moment may leave. */
  leave(random: Random): void {
    // A part of what nobody waited for may have made it: in order, as a journal is written.
    const made = random.chance(0.5) ? 0 : random.below(this.#steps.length + 1);
    for (const step of this.#steps.slice(0, made)) settle(step);
    for (const [path, folder] of this.#roots) {
      rmSync(path, { recursive: true, force: true });
      put(path, folder, random, new Map());
    }
  }

  #open(path: string, flags: number): void {
    const node = this.#at(path);
    if (node === undefined && (flags & CREATES) !== 0) this.#name(path, new File(0o644, Buffer.alloc(0)));
    else if (node?.kind === "file" && (flags & EMPTIES) !== 0 && node.now().length > 0)
      node.pending.push({ size: 0 });
  }

  #rename(from: string, to: string): void {
    const node = this.#at(from);
    const source = this.#parent(from);
    const target = this.#parent(to);
    if (node === undefined || source === undefined || target === undefined)
      throw new Error(`the model of a disk has no ${from}`);
    if (target.folder.now.get(target.name) === node) return;
    this.#step([
      { ...target, node },
      { ...source, node: undefined },
    ]);
  }

  #exchange(one: string, other: string): void {
    const [a, b] = [this.#parent(one), this.#parent(other)];
    const [here, there] = [this.#at(one), this.#at(other)];
    if (a === undefined || b === undefined || here === undefined || there === undefined)
      throw new Error(`the model of a disk has no ${one} or ${other}`);
    this.#step([
      { ...a, node: there },
      { ...b, node: here },
    ]);
  }

  #name(path: string, node: Node | undefined): void {
    const place = this.#parent(path);
    if (place === undefined) throw new Error(`the model of a disk has no folder for ${path}`);
    this.#step([{ ...place, node }]);
  }

  #step(changes: readonly NameChange[]): void {
    for (const { folder, name, node } of changes) setName(folder.now, name, node);
    this.#steps.push({ changes });
  }

  #sync(path: string): void {
    const node = this.#at(path);
    if (node?.kind === "file") node.sync();
    if (this.#names === "journal") return this.#settleAll();
    if (node?.kind !== "folder") return;
    const concerns = ({ changes }: Step): boolean => changes.some(({ folder }) => folder === node);
    for (const step of this.#steps.filter(concerns)) settle(step);
    this.#steps = this.#steps.filter((step) => !concerns(step));
  }

  #settleAll(): void {
    for (const step of this.#steps) settle(step);
    this.#steps = [];
  }

  #syncAll(): void {
    this.#settleAll();
    const visit = (node: Node): void => {
      if (node.kind === "file") node.sync();
      if (node.kind === "folder") for (const inner of node.now.values()) visit(inner);
    };
    for (const folder of this.#roots.values()) visit(folder);
  }

  #file(path: string): File | undefined {
    const node = this.#at(path);
    return node?.kind === "file" ? node : undefined;
  }

  #at(path: string): Node | undefined {
    const place = this.#parent(path);
    return place === undefined ? this.#roots.get(path) : place.folder.now.get(place.name);
  }

  #parent(path: string): { readonly folder: Folder; readonly name: string } | undefined {
    for (const [root, top] of this.#roots) {
      if (!path.startsWith(`${root}/`)) continue;
      const parts = path.slice(root.length + 1).split("/");
      const name = parts.pop() ?? "";
      let folder: Node | undefined = top;
      for (const part of parts) folder = folder?.kind === "folder" ? folder.now.get(part) : undefined;
      return folder?.kind === "folder" ? { folder, name } : undefined;
    }
    return undefined;
  }
}

function settle({ changes }: Step): void {
  for (const { folder, name, node } of changes) setName(folder.durable, name, node);
}

function setName(names: Map<string, Node>, name: string, node: Node | undefined): void {
  if (node === undefined) names.delete(name);
  else names.set(name, node);
}

function apply(content: Buffer, change: Change): Buffer {
  const end = "size" in change ? change.size : Math.max(content.length, change.at + change.bytes.length);
  const result = Buffer.alloc(end);
  content.copy(result);
  if ("bytes" in change) change.bytes.copy(result, change.at);
  return result;
}

/** The bytes of a file after the cut: what was synced, and by chance a part of the rest, or zeros in its place. */
function afterCut(file: File, random: Random): Buffer {
  const { pending } = file;
  if (pending.length === 0 || random.chance(0.4)) return file.durable;
  const count = random.below(pending.length + 1);
  const content = file.now(count);
  const last = pending[count];
  if (last !== undefined && "bytes" in last && last.bytes.length > 0) {
    const torn = last.bytes.subarray(0, random.below(last.bytes.length));
    return apply(content, { at: last.at, bytes: torn });
  }
  // The size is in the journal, the bytes are not yet on the disk.
  return random.chance(0.3) ? Buffer.alloc(content.length) : content;
}

function load(path: string): Node {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return { kind: "link", target: readlinkSync(path) };
  if (stat.isFile()) return new File(stat.mode & 0o777, readFileSync(path));
  const folder = new Folder(stat.mode & 0o777);
  for (const name of readdirSync(path)) {
    const node = load(join(path, name));
    folder.durable.set(name, node);
    folder.now.set(name, node);
  }
  return folder;
}

function put(path: string, node: Node, random: Random, made: Map<File, string>): void {
  switch (node.kind) {
    case "link":
      return symlinkSync(node.target, path);
    case "file": {
      // The index of SQLite's log is shared memory.
      if (path.endsWith("-shm")) return;
      const other = made.get(node);
      made.set(node, path);
      if (other !== undefined) return linkSync(other, path);
      writeFileSync(path, afterCut(node, random));
      return chmodSync(path, node.mode);
    }
    case "folder":
      mkdirSync(dirname(path), { recursive: true });
      mkdirSync(path);
      for (const [name, inner] of node.durable) put(join(path, name), inner, random, made);
      return chmodSync(path, node.mode);
  }
}
