/** Repositories that system git makes for the object tests. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { git, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";

/** Bytes that no compressor makes smaller; the same for the same seed. */
export function noise(size: number, seed = 1): Buffer {
  const words = new Uint32Array(Math.ceil(size / 4));
  let state = seed >>> 0 || 1;
  for (let at = 0; at < words.length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[at] = state;
  }
  return Buffer.from(words.buffer, 0, size);
}

/** Text of about this size in which each line differs. */
export function prose(size: number, seed = 1): Buffer {
  const lines: string[] = [];
  for (let length = 0, at = seed * 1000; length < size; at++) {
    const line = `line ${at} says ${Math.imul(at, 0x9e3779b1)} and goes on\n`;
    lines.push(line);
    length += line.length;
  }
  return Buffer.from(lines.join("")).subarray(0, size);
}

/** A repository with several commits whose files share most of their text, folders, an annotated tag and odd sizes. */
export function sampleRepository(): string {
  const directory = temporaryDirectory();
  git(directory, "init", "--quiet");
  mkdirSync(join(directory, "deep/er"), { recursive: true });
  const sizes = [0, 1, 15, 16, 17, 2047, 2048, 2049, 262_143, 262_144, 262_145];
  for (const size of sizes) writeFileSync(join(directory, `size-${size}`), prose(size, size));
  writeFileSync(join(directory, "noise"), noise(100_000));
  for (let round = 0; round < 8; round++) {
    writeFileSync(
      join(directory, "deep/er/story.txt"),
      Buffer.concat([prose(40_000), prose(200, round + 2)]),
    );
    writeFileSync(join(directory, "deep/note.txt"), `round ${round}\n`);
    git(directory, "add", "--all");
    git(directory, "commit", "--quiet", "-m", `round ${round}`);
  }
  git(directory, "tag", "-a", "-m", "the first", "v1");
  return directory;
}

/** Names of all objects that any ref reaches. */
export function allObjects(repository: string): string[] {
  const lines = git(repository, "rev-list", "--objects", "--all").split("\n");
  return lines.map((line) => line.slice(0, 40));
}

/** Kind and content of an object as system git reads it. */
export function gitObject(repository: string, oid: string): { kind: string; bytes: Buffer } {
  return {
    kind: git(repository, "cat-file", "-t", oid),
    bytes: gitRaw(repository, ["cat-file", git(repository, "cat-file", "-t", oid), oid]),
  };
}

/** What a piece of work fails with; fails itself when it does not fail. */
export async function errorOf(work: Promise<unknown>): Promise<unknown> {
  let result: unknown;
  try {
    result = await work;
  } catch (error) {
    return error;
  }
  throw new Error(`it did not fail but gave ${String(result)}`);
}
