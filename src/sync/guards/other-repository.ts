import type { Oid } from "../../git/model.ts";
import { type Finding, markOf } from "./guards.ts";

/**
 * The commit with which the last sync ended is not there: this is not the repository that it was, or its history was
 * rewritten and cleaned up. To go on would mix two histories, here and at the remotes. No config switches this off.
 */
export function otherRepository(lastTip: Oid): Finding {
  return {
    guard: "repository",
    message: `the repository in the folder does not know commit ${lastTip.slice(0, SHORT)}, with which the last sync ended`,
    causes: [
      "another repository is there: of another drive, made anew, or behind a folder that the config names since",
      "its history was rewritten and the old commits were cleaned up (`git gc --prune`)",
      "objects of it are lost or damaged (`lull verify`)",
    ],
    mark: markOf("repository", [lastTip]),
    figures: {},
    heals: true,
  };
}

/** Enough to be one commit's name in any repository of this size. */
const SHORT = 10;
