/** Random edits of a folder, of every kind that a person makes, and which units of it they touch. */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

import type { Random } from "../helpers/random.ts";

const FOLDERS = ["", "notes/", "notes/deep/", "bin/"];
const NAMES = [
  "a.md",
  "b.md",
  "c.md",
  "photo.raw",
  "with space.txt",
  "-dash",
  "“quotes”.md",
  "ünïcödé.md",
  "tab\tand\nline.md",
  "$(touch x);`y`.sh",
  `${"long".repeat(50)}.txt`,
];
/** Names that are a file now and a folder then. */
const SWAPS = ["swap-1", "swap-2"];

/**
 * What is judged as a whole: a file, or a name that may be a file or a folder. Two units that a rename ties together are
 * judged together.
 */
export type Touch = { readonly units: readonly string[] };

/** So that no folder vanishes: a folder that moved as a whole would take other devices' new files along. */
export function makeKeepers(root: string): void {
  for (const folder of FOLDERS) {
    mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, folder, "keeper"), `this one stays in ${folder}\n`);
  }
}

export function unitOf(path: string): string {
  const [top = ""] = path.split("/");
  return SWAPS.includes(top) ? top : path;
}

/**
 * @param tag is in every content that is written, so that no two are alike
 * @returns undefined when there was nothing to do
 */
export function editOnce(root: string, random: Random, tag: string): Touch | undefined {
  const touch = edit(root, random, tag);
  // As in a `TreeSnapshot`.
  return touch && { units: touch.units.map((unit) => Buffer.from(unit).toString("latin1")) };
}

function edit(root: string, random: Random, tag: string): Touch | undefined {
  const path = `${random.pick(FOLDERS)}${random.pick(NAMES)}`;
  const target = join(root, path);
  const exists = lstatSync(target, { throwIfNoEntry: false }) !== undefined;
  switch (random.below(8)) {
    case 0:
      return swap(root, random.pick(SWAPS), tag);
    case 1:
      if (!exists) return undefined;
      rmSync(target);
      return { units: [path] };
    case 2:
      return exists ? rename(root, path, `${random.pick(FOLDERS)}${random.pick(NAMES)}`) : undefined;
    case 3:
      if (!exists || !lstatSync(target).isFile()) return undefined;
      chmodSync(target, (lstatSync(target).mode & 0o100) === 0 ? 0o755 : 0o644);
      return { units: [path] };
    case 4:
      rmSync(target, { force: true });
      symlinkSync(`to/${tag}`, target);
      return { units: [path] };
    case 5:
      rmSync(target, { force: true });
      writeFileSync(target, binary(random, tag));
      return { units: [path] };
    default:
      return editText(target, path, random, tag);
  }
}

function swap(root: string, name: string, tag: string): Touch {
  const place = join(root, name);
  const wasFolder = existsSync(place) && lstatSync(place).isDirectory();
  rmSync(place, { recursive: true, force: true });
  if (wasFolder) writeFileSync(place, `a file, ${tag}\n`);
  else {
    mkdirSync(place);
    writeFileSync(join(place, "inner.md"), `in a folder, ${tag}\n`);
  }
  return { units: [name] };
}

function rename(root: string, from: string, to: string): Touch | undefined {
  if (from === to) return undefined;
  mkdirSync(dirname(join(root, to)), { recursive: true });
  renameSync(join(root, from), join(root, to));
  return { units: [from, to] };
}

function editText(target: string, path: string, random: Random, tag: string): Touch {
  const isText = existsSync(target) && lstatSync(target).isFile();
  const lines = isText ? readFileSync(target, "latin1").split("\n") : fresh(tag);
  lines[random.below(lines.length)] = `a line, ${tag}`;
  rmSync(target, { force: true });
  writeFileSync(target, Buffer.from(lines.join("\n"), "latin1"));
  return { units: [path] };
}

function fresh(tag: string): string[] {
  return [...Array.from({ length: 12 }, (_, index) => `line ${index} of ${tag}`), ""];
}

function binary(random: Random, tag: string): Buffer {
  const noise = Buffer.from(Uint8Array.from({ length: 200 + random.below(3000) }, () => random.below(256)));
  return Buffer.concat([Buffer.from([0]), Buffer.from(tag), noise]);
}
