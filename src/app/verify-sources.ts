import { join } from "node:path";

import { throwIfAborted } from "../base/abort.ts";
import { LullError } from "../base/errors.ts";
import type { RepoSource, Source } from "../config/config.ts";
import type { RunError } from "../sync/outcome.ts";
import { toRunError } from "../sync/run-error.ts";
import { type SourceVerification, verifySource } from "../sync/verify/verify-source.ts";
import { parseRemoteUrl } from "../transport/remote-url.ts";
import type { Context, Deps } from "./deps.ts";
import { findSources } from "./find-source.ts";
import { syncDeps } from "./sync-source.ts";

export type VerifiedSource =
  | ({ readonly kind: "checked" } & SourceVerification)
  | { readonly kind: "skipped"; readonly source: string; readonly reason: string }
  | { readonly kind: "failed"; readonly source: string; readonly error: RunError };

/** Checks sources one after the other; one that can not be checked does not stop the others. */
export async function verifySources(
  deps: Deps,
  input: { readonly names: readonly string[] },
  context: Context,
): Promise<readonly VerifiedSource[]> {
  const { config } = await deps.config.load();
  const results: VerifiedSource[] = [];
  for (const source of findSources(config, input.names)) {
    throwIfAborted(context.signal);
    results.push(await verifyOne(deps, { source, device: config.device }, context));
  }
  return results;
}

async function verifyOne(
  deps: Deps,
  { source, device }: { readonly source: Source; readonly device: string },
  context: Context,
): Promise<VerifiedSource> {
  const name = source.name;
  if (source.kind !== "repo") {
    const reason = `this version of lull verifies repo sources only; "${name}" is of kind ${source.kind}`;
    return { kind: "skipped", source: name, reason };
  }
  try {
    return { kind: "checked", ...(await check(deps, source, device, context)) };
  } catch (error) {
    if (error instanceof LullError && error.kind === "interrupted") throw error;
    return { kind: "failed", source: name, error: toRunError(error) };
  }
}

function check(
  deps: Deps,
  source: RepoSource,
  device: string,
  { signal, onEvent }: Context,
): Promise<SourceVerification> {
  const folderOf = (url: string): string | undefined => localFolder(url, deps.home);
  return verifySource(syncDeps(deps, { source, device }), source, { signal, onEvent, folderOf });
}

function localFolder(url: string, home: string): string | undefined {
  const parsed = parseRemoteUrl(url);
  if (parsed.kind !== "local") return undefined;
  return /^~[\\/]/.test(parsed.path) ? join(home, parsed.path.slice(2)) : parsed.path;
}
