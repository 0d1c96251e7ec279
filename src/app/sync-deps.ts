import type { Source } from "../config/config.ts";
import type { SyncDeps } from "../sync/run-context.ts";
import type { Deps } from "./deps.ts";
import { openOptionsOf } from "./source-credentials.ts";

/** What the algorithm of a sync needs, for one source. */
export function syncDeps(
  deps: Deps,
  { source, device }: { readonly source: Source; readonly device: string },
): SyncDeps {
  const options = openOptionsOf(deps, source);
  return {
    git: deps.git,
    connect: (url: string, signal: AbortSignal) => deps.transport.open(url, { signal, ...options }),
    clock: deps.clock,
    device,
    userName: deps.userName,
    registration: deps.registration,
    random: Math.random,
  };
}
