/** Folders with everything that a work tree may hold, made and changed at random. */
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";

import type { Random } from "../../helpers/random.ts";

const NAMES = [
  "a",
  "b.txt",
  "B.txt",
  "c.bin",
  "d.md",
  "lib",
  "lib.c",
  "lib-",
  "x y",
  'q"',
  "back\\slash",
].concat(
  [
    "new\nline",
    "-rf",
    "*",
    "#",
    "~tmp",
    "\xff\xfe",
    "\xc3\xa9",
    "e\xcc\x81",
    "\xf0\x9f\x98\x80",
    "n".repeat(250),
  ],
  ["keep.tmp", "drop.tmp", "out", "CON", "aux.h", "..dots", "dots..", " ", "a.lull"],
);
const ATTRIBUTES = [
  "*.txt text",
  "*.bin -text",
  "* text=auto",
  "*.md eol=crlf",
  "lib* binary",
  "*.c text eol=lf",
].concat([
  "[attr]mine text=auto",
  "d.md mine",
  "*.txt !text",
  "/lib/** -text",
  "*.md text=input",
  "b.txt crlf",
]);
const IGNORES = ["*.tmp", "!keep.tmp", "/out", "lib/", "*.bin", "!c.bin", "#no", "\\#", "x*", "**/a"];
const MODES = [0o644, 0o644, 0o755, 0o600, 0o711];
const DEEPEST = 3;

/** Fills an empty folder. Names are bytes, as everywhere in the engine. */
export function fillFolder(folder: string, random: Random, depth = 0): void {
  mkdirSync(bytes(folder), { recursive: true });
  for (const name of NAMES)
    if (random.chance(depth === 0 ? 0.4 : 0.2)) make(`${folder}/${name}`, random, depth);
  writeRules(folder, random);
}

/** Changes, adds and removes some of what is there, kinds included. */
export function changeFolder(folder: string, random: Random, depth = 0): void {
  for (const entry of readdirSync(bytes(folder), { withFileTypes: true, encoding: "latin1" })) {
    const path = `${folder}/${entry.name}`;
    // A link or a folder in a rule file's place is an error for `git fsck`, though git commits it.
    const isRules = entry.name.startsWith(".git");
    if (entry.isDirectory() && depth < DEEPEST && random.chance(0.8)) changeFolder(path, random, depth + 1);
    else if (random.chance(0.15)) rmSync(bytes(path), { recursive: true, force: true });
    else if (!isRules && random.chance(0.2)) {
      rmSync(bytes(path), { recursive: true, force: true });
      make(path, random, depth);
    } else if (entry.isFile() && random.chance(0.3)) chmodSync(bytes(path), random.pick(MODES));
  }
  for (const name of NAMES) {
    const path = `${folder}/${name}`;
    const isFree = lstatSync(bytes(path), { throwIfNoEntry: false }) === undefined;
    if (isFree && random.chance(0.05)) make(path, random, depth);
  }
  writeRules(folder, random);
}

/**
 * Gives every file this time: whether a file is converted by rules that changed beside it is chance otherwise, in git
 * as here (gitattributes(5), "renormalize").
 */
export function touchFolder(folder: string, seconds: number): void {
  for (const entry of readdirSync(bytes(folder), { withFileTypes: true, encoding: "latin1" })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) touchFolder(path, seconds);
    else if (entry.isFile()) utimesSync(bytes(path), seconds, seconds);
  }
}

function make(path: string, random: Random, depth: number): void {
  if (depth < DEEPEST && random.chance(0.2)) fillFolder(path, random, depth + 1);
  else if (random.chance(0.1))
    symlinkSync(bytes(random.pick(["a", "gone", "a\\b", "../out/\xff", "."])), bytes(path));
  else {
    writeFileSync(bytes(path), content(random));
    chmodSync(bytes(path), random.pick(MODES));
  }
}

function writeRules(folder: string, random: Random): void {
  for (const [name, lines, probability] of [
    [".gitattributes", ATTRIBUTES, 0.3],
    [".gitignore", IGNORES, 0.2],
  ] as const) {
    if (!random.chance(probability)) continue;
    rmSync(bytes(`${folder}/${name}`), { recursive: true, force: true });
    writeFileSync(bytes(`${folder}/${name}`), some(lines, random));
  }
}

function some(lines: readonly string[], random: Random): string {
  return lines
    .filter(() => random.chance(0.3))
    .map((line) => `${line}\n`)
    .join("");
}

function content(random: Random): Buffer {
  if (random.chance(0.1)) return Buffer.alloc(0);
  const pieces = random.pick([
    ["line", "\n"],
    ["line", "\r\n"],
    ["line", "\n", "\r\n"],
    ["line", "\r"],
    ["\0", "\r\n", "x"],
  ]);
  const length = random.chance(0.05) ? 3000 : random.below(60);
  return Buffer.from(Array.from({ length }, () => random.pick(pieces)).join(""), "latin1");
}

function bytes(path: string): Buffer {
  return Buffer.from(path, "latin1");
}
