import { arch, platform } from "node:os";

import { lullVersion } from "../base/version.ts";

// The build replaces this word by a literal (`--define`); from source it does not exist.
declare const LULL_COMMIT: string;

export type BuildInfo = {
  readonly version: string;
  /** Short commit hash, or `source` when run from source. */
  readonly commit: string;
  readonly bun: string;
  /** Operating system and processor: `linux x64`. */
  readonly platform: string;
};

export function buildInfo(): BuildInfo {
  return {
    version: lullVersion(),
    commit: typeof LULL_COMMIT === "string" ? LULL_COMMIT : "source",
    bun: Bun.version,
    platform: `${platform()} ${arch()}`,
  };
}

/** `lull 0.1.0 (1a2b3c4, bun 1.4.5, linux x64)`. */
export function versionLine(info: BuildInfo): string {
  return `lull ${info.version} (${info.commit}, bun ${info.bun}, ${info.platform})`;
}
