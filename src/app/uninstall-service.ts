import type { ServiceScope, ServiceUninstalled } from "../service/service.ts";
import type { Context, Deps } from "./deps.ts";
import { assertOwnScope } from "./service-scope.ts";

export type UninstallServiceInput = {
  readonly scope: ServiceScope;
  readonly force: boolean;
  readonly dryRun: boolean;
};

/** Stops the daemon that the system started and takes the service out; no folder and no setting goes. */
export async function uninstallService(
  deps: Deps,
  { scope, force, dryRun }: UninstallServiceInput,
  { signal }: Context,
): Promise<ServiceUninstalled> {
  assertOwnScope(deps, scope);
  const service = await deps.services.open(scope, signal);
  return service.uninstall({ dryRun, force, signal });
}
