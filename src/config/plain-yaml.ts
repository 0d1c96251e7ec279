/** YAML of others, read as plain data within the bounds of the config, and plain data written as YAML. */
import { LineCounter, stringify } from "yaml";

import { parseBounded } from "./bounded-document.ts";

/** Returns undefined for a text that is no YAML, or that costs more to read than any settings would. */
export function readPlainYaml(text: string): unknown {
  const bounded = parseBounded(text, new LineCounter());
  if (bounded.kind === "refused" || (bounded.document?.errors.length ?? 0) > 0) return undefined;
  try {
    return bounded.document?.toJS({ maxAliasCount: 100 });
  } catch {
    // An alias without an anchor, or more aliases than that.
    return undefined;
  }
}

export function writePlainYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0 });
}
