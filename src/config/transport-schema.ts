/** How remotes are reached: the same keys for all of them, and for those of one source. */
import * as v from "valibot";

import { proxyProblem } from "./proxy-text.ts";
import { described, folder, group, problemCheck, text } from "./value-schemas.ts";

export const transport = group({
  ssh: v.optional(
    described(
      v.picklist(["auto", "system", "builtin"]),
      "Whose SSH is used: the system's, lull's own, or whichever is there",
    ),
  ),
  proxy: v.optional(
    described(
      v.pipe(text, problemCheck(proxyProblem)),
      "What http(s) remotes are reached through: http://proxy:3128, none, or auto: git's http.proxy, else the environment",
    ),
  ),
  ca: v.optional(
    described(
      folder,
      "A file of PEM certificates; the authorities in it are trusted beside the system's own",
    ),
  ),
});
