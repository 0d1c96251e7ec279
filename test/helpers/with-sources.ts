/** A composed lull whose home holds sources with one file each, every one with a local remote. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { addSource } from "../../src/app/add-source.ts";
import { composed, type Composed } from "./composed.ts";

export async function withSources(...names: readonly string[]): Promise<Composed> {
  const place = composed();
  for (const name of names) {
    mkdirSync(join(place.home, name));
    writeFileSync(join(place.home, name, "a.md"), `${name}\n`);
    await addSource(
      place.deps,
      { path: name, name, remote: undefined, schedule: undefined, dryRun: false },
      place.context,
    );
  }
  return place;
}
