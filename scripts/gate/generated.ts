/** Files of the tree that a script makes from others. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { root } from "./process.ts";

export type Generated = {
  /** Relative to the root. */
  readonly file: string;
  readonly wanted: string;
  /** What makes it, relative to the root. */
  readonly script: string;
};

/** Writes the file; with `--check` only tells whether it is up to date, by the exit code. */
export function writeGenerated({ file, wanted, script }: Generated): void {
  const path = join(root, file);
  if (!process.argv.includes("--check")) {
    writeFileSync(path, wanted);
  } else if (currentText(path) !== wanted) {
    console.error(
      `${file.replaceAll("\\", "/")} is out of date; run \`node scripts/with-bun.mjs ${script}\``,
    );
    process.exitCode = 1;
  }
}

function currentText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
