/** Temporary folders of a test run; the preload removes them and fails the run if a test left one locked. */
import { chmodSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

const known = new Set<string>();

export function rememberTemporary(path: string): string {
  known.add(path);
  return path;
}

/** Removes every remembered folder, also those in which a test took rights away. */
export function removeTemporary(): void {
  for (const path of known) {
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {
      unlockDirectories(path);
      rmSync(path, { recursive: true, force: true });
    }
  }
  known.clear();
}

function unlockDirectories(path: string): void {
  chmodSync(path, 0o700);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) unlockDirectories(join(path, entry.name));
  }
}
