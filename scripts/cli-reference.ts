// Writes src/cli/reference.md from the commands; with --check only tells whether it is up to date.
import { join } from "node:path";

import { writeGenerated } from "./gate/generated.ts";
import { renderReference } from "./render-reference.ts";

writeGenerated({
  file: join("src", "cli", "reference.md"),
  wanted: await renderReference(),
  script: "scripts/cli-reference.ts",
});
