import { parseByteSize } from "../base/byte-size.ts";
import type { GuardLimits, GuardsConfig } from "./config.ts";
import { DEFAULTS } from "./defaults.ts";
import type { GuardsFile } from "./guards-schema.ts";

const USUAL = DEFAULTS.guards;

/** Each guard, and each of its limits, is inherited by itself. */
export function resolveGuards(defaults: GuardsFile, source: GuardsFile): GuardsConfig {
  const size = source.file_size ?? defaults.file_size ?? USUAL.file_size;
  return {
    deletions: limits(USUAL.deletions, defaults.deletions, source.deletions),
    changes: limits(USUAL.changes, defaults.changes, source.changes),
    fileSize: size === false ? undefined : parseByteSize(size === true ? USUAL.file_size : size),
    secrets: source.secrets ?? defaults.secrets ?? USUAL.secrets,
    names: source.names ?? defaults.names ?? USUAL.names,
  };
}

type Given = GuardsFile["deletions"];

/** Of what is switched off in `defaults` a source that gives limits has the usual ones for the rest. */
function limits(usual: GuardLimits, defaults: Given, source: Given): GuardLimits | undefined {
  if ((source ?? defaults) === false) return undefined;
  const own = typeof source === "object" ? source : undefined;
  const shared = typeof defaults === "object" ? defaults : undefined;
  return {
    percent: own?.percent ?? shared?.percent ?? usual.percent,
    files: own?.files ?? shared?.files ?? usual.files,
  };
}
