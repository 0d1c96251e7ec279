import { LullError } from "../base/errors.ts";
import type { ServiceScope } from "../service/service.ts";
import type { Deps } from "./deps.ts";

export type {
  ServiceAction,
  ServiceInstalled,
  ServiceProblem,
  ServiceScope,
  ServiceUninstalled,
} from "../service/service.ts";

/** By sudo "my own service" would be root's, which syncs nothing of the person's and reads another config. */
export function assertOwnScope({ services }: Deps, scope: ServiceScope): void {
  const person = services.facts().behindSudo;
  if (scope === "system" || person === undefined || person === "root") return;
  throw new LullError({
    kind: "usage",
    code: "SERVICE_OF_ROOT",
    message: "by sudo this would be a service of root",
    hint: `run it without sudo for a service of your own, or with --system for one that runs as ${person} from boot on`,
  });
}
