import { LullError } from "../../base/errors.ts";
import type { SettingsSource } from "../../config/config.ts";
import type { Context, Deps } from "../deps.ts";
import { syncSource } from "../sync-source.ts";

/**
 * Syncs the managed repository, which is made where it is missing; nothing is gathered, and nothing goes to the home.
 * @throws LullError that of a sync that failed or was skipped
 */
export async function fetchFirst(
  deps: Deps,
  source: SettingsSource,
  device: string,
  context: Context,
): Promise<void> {
  const input = { source, device, dryRun: false, cause: "person" as const, onlyFetch: true };
  const { error, outcome, reason } = await syncSource(deps, input, context);
  if (outcome !== "failed" && outcome !== "skipped") return;
  throw new LullError({
    kind: error?.kind ?? "failed",
    code: error?.code ?? "NOT_FETCHED",
    message: error?.message ?? reason ?? "what others have gathered could not be fetched",
    hint: error?.hint,
    causes: error?.causes,
  });
}
