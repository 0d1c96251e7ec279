/** How remotes are reached: the same keys for all of them, and for those of one source. */
import * as v from "valibot";

import { described, group } from "./value-schemas.ts";

export const transport = group({
  ssh: v.optional(
    described(
      v.picklist(["auto", "system", "builtin"]),
      "Whose SSH is used: the system's, lull's own, or whichever is there",
    ),
  ),
});
