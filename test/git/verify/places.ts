/** Repositories to verify, sound ones and such with real damage. */
import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { createGit } from "../../../src/git/create-git.ts";
import type { VerifyResult } from "../../../src/git/git.ts";
import type { Finding } from "../../../src/git/verify/verify-result.ts";
import { fakeClock } from "../../helpers/fake-clock.ts";
import type { Random } from "../../helpers/random.ts";

export const signal: AbortSignal = new AbortController().signal;

export function engine() {
  return createGit({
    clock: fakeClock(Date.now()),
    environment: { HOME: "/nonexistent", GIT_CONFIG_NOSYSTEM: "1" },
    windows: false,
  });
}

export async function verify(directory: string): Promise<VerifyResult> {
  const repository = engine().open(directory);
  try {
    return await repository.verify({ signal });
  } finally {
    repository.close();
  }
}

/** What is worse than a note. */
export async function damageIn(directory: string): Promise<readonly Finding[]> {
  return (await verify(directory)).findings.filter(({ gravity }) => gravity !== "note");
}

export async function codesIn(directory: string): Promise<readonly string[]> {
  return (await damageIn(directory)).map(({ code }) => code).sort();
}

export function flipBit(path: string, random: Random): number {
  const bytes = readFileSync(path);
  const bit = random.below(bytes.length * 8);
  bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
  overwrite(path, bytes);
  return bit;
}

export function overwrite(path: string, bytes: string | Uint8Array): void {
  chmodSync(path, 0o644);
  writeFileSync(path, bytes);
}

export function objectPath(directory: string, oid: string): string {
  return join(directory, ".git/objects", oid.slice(0, 2), oid.slice(2));
}

/** Every file below `objects/` that holds objects or an index of them. */
export function objectFiles(directory: string): string[] {
  const folder = join(directory, ".git/objects");
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(
      (entry) =>
        entry.isFile() && (/^[0-9a-f]{38}$/.test(entry.name) || /\.(?:pack|idx|rev)$/.test(entry.name)),
    )
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
