import { version } from "../../package.json";

// The build replaces this word by a literal (`--define`); from source it does not exist.
declare const LULL_VERSION: string;

/** The version of this lull, e.g. `0.3.0`. */
export function lullVersion(): string {
  return typeof LULL_VERSION === "string" ? LULL_VERSION : version;
}
