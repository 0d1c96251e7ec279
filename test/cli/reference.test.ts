import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { renderReference } from "../../scripts/render-reference.ts";

test("the reference is what the commands say", async () => {
  const written = readFileSync(join(import.meta.dir, "../../src/cli/reference.md"), "utf8");
  const rendered = await renderReference();
  expect(rendered === written).toBe(true);
  for (const title of ["## lull\n", "## lull sync\n", "## lull config set\n"])
    expect(rendered).toContain(title);
});
