/** Trees of files to measure with: the same bytes for the same numbers, on every machine. */
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { seededRandom, type Random } from "../../helpers/random.ts";

export type Dataset = {
  readonly name: string;
  readonly files: number;
  /** Paths in the tree, in the order in which they were made. */
  readonly paths: readonly string[];
  /** Large and random: git looks for deltas in it for minutes and finds none. */
  readonly isNoise: boolean;
  content(number: number, version: number): Uint8Array;
};

const FILES_PER_FOLDER = 48;
const WORDS = 4000;
const SMALLEST = 1024;
const LARGEST = 8192;
const BIG_FILE = 20 * 1024 * 1024;
/** `getRandomValues` gives at most so many bytes a call. */
const RANDOM_CHUNK = 65_536;

/** Notes-like texts of 1 to 8 KB in two levels of folders. */
export function textDataset(files: number): Dataset {
  const words = vocabulary(seededRandom(1));
  const paths = Array.from({ length: files }, (_, number) => {
    const folder = Math.floor(number / FILES_PER_FOLDER);
    return `area-${folder % 16}/topic-${folder}/note-${number}.md`;
  });
  return {
    name: `${files.toLocaleString("en")} files of 1-8 KB`,
    files,
    paths,
    isNoise: false,
    content: (number, version) => text(words, seededRandom(number + 1), version),
  };
}

/** Incompressible files, as photos and archives are. */
export function binaryDataset(files: number): Dataset {
  return {
    name: `${files} files of 20 MB`,
    files,
    paths: Array.from({ length: files }, (_, number) => `photo-${number}.bin`),
    isNoise: true,
    content: () => {
      const bytes = new Uint8Array(BIG_FILE);
      for (let start = 0; start < bytes.length; start += RANDOM_CHUNK) {
        crypto.getRandomValues(bytes.subarray(start, start + RANDOM_CHUNK));
      }
      return bytes;
    },
  };
}

export function writeDataset(dataset: Dataset, root: string): void {
  const folders = new Set<string>();
  for (const [number, path] of dataset.paths.entries()) {
    const folder = join(root, path, "..");
    if (!folders.has(folder)) mkdirSync(folder, { recursive: true });
    folders.add(folder);
    writeFileSync(join(root, path), dataset.content(number, 0));
  }
}

/** Rewrites one file in a hundred (at least one), spread over the tree; other ones for each version. */
export function changeOnePercent(dataset: Dataset, root: string, version: number): void {
  for (const number of onePercent(dataset, version)) {
    writeFileSync(join(root, dataset.paths[number] ?? ""), dataset.content(number, version));
  }
}

/** Adds a line to one file in a hundred: to none that `changeOnePercent` rewrites for the same version. */
export function appendToOnePercent(dataset: Dataset, root: string, version: number): void {
  for (const number of onePercent(dataset, version + 1)) {
    appendFileSync(join(root, dataset.paths[number] ?? ""), `one more line ${version}\n`);
  }
}

function* onePercent(dataset: Dataset, version: number): Generator<number> {
  const step = Math.min(100, dataset.files);
  for (let number = version % step; number < dataset.files; number += step) yield number;
}

function vocabulary(random: Random): readonly string[] {
  return Array.from({ length: WORDS }, () => {
    const letters = Array.from({ length: 2 + random.below(9) }, () => 97 + random.below(26));
    return String.fromCharCode(...letters);
  });
}

function text(words: readonly string[], random: Random, version: number): Uint8Array {
  const size = SMALLEST + random.below(LARGEST - SMALLEST);
  let content = `# Version ${version}\n`;
  while (content.length < size) {
    content += random.chance(0.1) ? "\n" : `${words[random.below(WORDS)] ?? ""} `;
  }
  return new TextEncoder().encode(`${content.slice(0, size - 1)}\n`);
}
