// Writes the catalogue as the binary carries it from the files of the apps; with --check only tells whether it is up to date.
import { join } from "node:path";

import { writeGenerated } from "./gate/generated.ts";
import { builtInApps, renderCatalogue } from "./render-catalogue.ts";

writeGenerated({
  file: join("src", "settings", "catalogue", "built-in.json.txt"),
  wanted: renderCatalogue(builtInApps()),
  script: "scripts/app-catalogue.ts",
});
