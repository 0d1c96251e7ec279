import type { ServiceProblem, ServiceScope, ServiceStatus } from "../service/service.ts";
import type { Context, Deps } from "./deps.ts";

export type ServiceReport = ServiceStatus & {
  /** When the daemon last wrote that it lives, whoever started it; milliseconds since 1970 UTC. */
  readonly lastHeartbeat: number | undefined;
  /** Installed as it should be, starts by itself, and runs. */
  readonly isGood: boolean;
};

/** How the service stands by what the system and the daemon itself tell. */
export async function getServiceStatus(
  deps: Deps,
  { scope }: { readonly scope: ServiceScope },
  { signal }: Context,
): Promise<ServiceReport> {
  const service = await deps.services.open(scope, signal);
  const known = await service.status({ program: deps.services.program, signal });
  // Nobody but the daemon itself tells whether it runs, where no manager does.
  const status = known.manager === "none" ? { ...known, running: deps.daemonProcess.owner() } : known;
  const lastHeartbeat = deps.services.lastHeartbeat();
  const problems = [...status.problems, ...heartbeatProblems(status, lastHeartbeat, deps)];
  const isGood = status.installed === "yes" && status.enabled === true && status.running !== undefined;
  return { ...status, problems, lastHeartbeat, isGood };
}

/** The watchdog asks every 90 s; a daemon that is silent for this long hangs, or its disk does. */
const SILENT_MS = 5 * 60_000;

function heartbeatProblems(
  status: ServiceStatus,
  lastHeartbeat: number | undefined,
  { clock }: Deps,
): readonly ServiceProblem[] {
  if (lastHeartbeat === undefined) return [];
  const silence = clock.now() - lastHeartbeat;
  if (status.running !== undefined && silence > SILENT_MS)
    return [{ what: "the daemon runs but gives no sign of life", next: "lull logs" }];
  if (status.running === undefined && status.installed === "yes" && silence <= SILENT_MS)
    return [
      {
        what: "a daemon runs that the service did not start",
        next: "lull daemon stop, then: lull service install",
      },
    ];
  return [];
}
