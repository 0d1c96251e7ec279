import type { TransportConfig } from "./config.ts";
import { DEFAULTS } from "./defaults.ts";
import { parseProxy } from "./proxy-text.ts";
import { expandPath } from "./resolve-path.ts";
import type { ConfigFile, SourceFile } from "./schema.ts";

type Given = {
  /** Of all remotes. */
  readonly common: ConfigFile["transport"];
  readonly own?: SourceFile["transport"];
};

/** What a source says goes before what holds for all, key by key. Pure. */
export function resolveTransport({ common, own }: Given, home: string): TransportConfig {
  const ca = own?.ca ?? common?.ca;
  return {
    ssh: own?.ssh ?? common?.ssh ?? DEFAULTS.transport.ssh,
    proxy: parseProxy(own?.proxy ?? common?.proxy ?? DEFAULTS.transport.proxy),
    ca: ca === undefined ? undefined : expandPath(ca, home),
  };
}
