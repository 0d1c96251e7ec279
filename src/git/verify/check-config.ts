import { relative } from "node:path";

import { LullError } from "../../base/errors.ts";
import { commonDirectory } from "../refs/common-directory.ts";
import type { RepositoryParts } from "../repository-parts.ts";
import type { WorkTreeSettings } from "../worktree/settings.ts";
import { type Finding, finding } from "./verify-result.ts";

export type ConfigCheck = {
  readonly findings: readonly Finding[];
  /** Undefined: they can not be known. */
  readonly settings: WorkTreeSettings | undefined;
};

/** Reads git's config as a sync does: the repository's, the person's and the system's. */
export function checkConfig(parts: RepositoryParts): ConfigCheck {
  parts.forgetConfig();
  try {
    return { findings: [], settings: parts.settings() };
  } catch (error) {
    if (!(error instanceof LullError) || error.code !== "GIT_CONFIG_INVALID") throw error;
    return { findings: [broken(error, commonDirectory(parts.gitDirectory))], settings: undefined };
  }
}

function broken({ message, hint, data }: LullError, common: string): Finding {
  const file = data["file"];
  const inside = typeof file === "string" ? relative(common, file) : "config";
  return finding({
    part: "config",
    gravity: "damage",
    code: "CONFIG_BROKEN",
    where: inside.startsWith("..") && typeof file === "string" ? file : inside,
    what: message,
    meaning: "neither git nor lull works here until it is mended; the files were not compared",
    mend: `an edit of that file${hint === undefined ? "" : `: ${hint}`}`,
  });
}
