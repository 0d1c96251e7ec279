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
import { noteChange } from "./history.ts";
import { repoOf } from "./repo-of.ts";
import { acquirePatiently } from "./acquire-patiently.ts";
import { syncDeps } from "./sync-deps.ts";

export type VerifiedSource =
  | ({ readonly kind: "checked" } & SourceVerification)
  | { readonly kind: "skipped"; readonly source: string; readonly reason: string }
  | { readonly kind: "failed"; readonly source: string; readonly error: RunError };

export type VerifySourcesInput = {
  /** Empty: all of them. */
  readonly names: readonly string[];
  /** `plan`: say what a repair would do. */
  readonly repair?: "plan" | "do" | undefined;
};

/** A sync that is under way is let finish before a repair. */
const PATIENCE_MS = 15_000;

/** Checks sources one after the other; one that can not be checked does not stop the others. */
export async function verifySources(
  deps: Deps,
  input: VerifySourcesInput,
  context: Context,
): Promise<readonly VerifiedSource[]> {
  const { config } = await deps.config.load();
  const results: VerifiedSource[] = [];
  for (const source of findSources(config, input.names)) {
    throwIfAborted(context.signal);
    results.push(await verifyOne(deps, { source, device: config.device, repair: input.repair }, context));
  }
  return results;
}

type Wanted = Pick<VerifySourcesInput, "repair"> & { readonly device: string };

async function verifyOne(
  deps: Deps,
  { source, ...wanted }: Wanted & { readonly source: Source },
  context: Context,
): Promise<VerifiedSource> {
  const name = source.name;
  const repo = repoOf(deps, source);
  if (repo === undefined)
    return { kind: "skipped", source: name, reason: `"${name}" has no repository of its own` };
  try {
    const done = await check(deps, { source: repo, ...wanted }, context);
    noteRepair(deps, done);
    return { kind: "checked", ...done };
  } catch (error) {
    if (error instanceof LullError && error.kind === "interrupted") throw error;
    return { kind: "failed", source: name, error: toRunError(error) };
  }
}

async function check(
  deps: Deps,
  { source, device, repair }: Wanted & { readonly source: RepoSource },
  context: Context,
): Promise<SourceVerification> {
  const { signal, onEvent } = context;
  const folderOf = (url: string): string | undefined => localFolder(url, deps.home);
  const options = { signal, onEvent, folderOf, repair };
  if (repair !== "do") return verifySource(syncDeps(deps, { source, device }), source, options);
  using _lock = await acquirePatiently(deps, { source, patienceMs: PATIENCE_MS }, context);
  return await verifySource(syncDeps(deps, { source, device }), source, options);
}

function noteRepair(deps: Deps, { source, repair }: SourceVerification): void {
  if (repair?.after === undefined) return;
  const { steps, savepoint, setAside } = repair;
  const detail = { steps: steps.length, savepoint, setAside };
  noteChange(deps, { action: "repair", source, detail });
}

function localFolder(url: string, home: string): string | undefined {
  const parsed = parseRemoteUrl(url);
  if (parsed.kind !== "local") return undefined;
  return /^~[\\/]/.test(parsed.path) ? join(home, parsed.path.slice(2)) : parsed.path;
}
