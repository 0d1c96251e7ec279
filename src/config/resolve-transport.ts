import type { TransportConfig } from "./config.ts";
import { DEFAULTS } from "./defaults.ts";
import type { ConfigFile, SourceFile } from "./schema.ts";

/** What a source says goes before what holds for all, key by key. Pure. */
export function resolveTransport(
  common: ConfigFile["transport"],
  own: SourceFile["transport"],
): TransportConfig {
  return { ssh: own?.ssh ?? common?.ssh ?? DEFAULTS.transport.ssh };
}
