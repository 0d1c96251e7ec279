/**
 * For a test file that is about the disk, or needs more room than there may be in memory (`scripts/gate/scratch.ts`):
 * import it, and the temporary folders of this file lie where the system has them.
 */
import { mkdtempSync, realpathSync } from "node:fs";
import { join } from "node:path";

const disk = process.env["LULL_TEST_DISK"];
if (disk !== undefined) {
  // The preload removes it, and the folder that was the place until now.
  process.env["TMPDIR"] = realpathSync(mkdtempSync(join(disk, "lull-tests-")));
}
