// Writes src/cli/reference.md from the commands; with --check only tells whether it is up to date.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { renderReference } from "./render-reference.ts";

const file = join(import.meta.dir, "..", "src", "cli", "reference.md");
const wanted = await renderReference();

if (!process.argv.includes("--check")) {
  writeFileSync(file, wanted);
} else if (currentText() !== wanted) {
  console.error(
    "src/cli/reference.md is out of date; run `node scripts/with-bun.mjs scripts/cli-reference.ts`",
  );
  process.exitCode = 1;
}

function currentText(): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
