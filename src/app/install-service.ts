import { parseDuration } from "../base/duration.ts";
import { LullError } from "../base/errors.ts";
import type { ServiceInstalled, ServiceProblem, ServiceScope, ServiceSpec } from "../service/service.ts";
import type { Context, Deps } from "./deps.ts";
import { assertOwnScope } from "./service-scope.ts";
import { unseenByService } from "./unseen-by-service.ts";

export type InstallServiceInput = {
  readonly scope: ServiceScope;
  /** Whose folders a system service syncs; default: the person behind sudo. */
  readonly user: string | undefined;
  /** Given to the daemon as it is: `15m`. */
  readonly interval: string | undefined;
  /** Whether the config file was named; the daemon then reads the same one. */
  readonly namedConfig: boolean;
  readonly force: boolean;
  readonly dryRun: boolean;
};

/**
 * Has the system start the daemon at log-on (or at boot) and again after a crash. A second call with the same words
 * changes nothing.
 */
export async function installService(
  deps: Deps,
  input: InstallServiceInput,
  { signal }: Context,
): Promise<ServiceInstalled> {
  const spec = serviceSpec(deps, input);
  assertOwnScope(deps, input.scope);
  // A daemon that can not read it would never start. A system service reads another person's, out of sight from here.
  const unseen = input.scope === "user" ? await unseenVariables(deps) : [];
  const service = await deps.services.open(input.scope, signal);
  const installed = await service.install(spec, { dryRun: input.dryRun, force: input.force, signal });
  return { ...installed, problems: [...installed.problems, ...unseen] };
}

async function unseenVariables(deps: Deps): Promise<readonly ServiceProblem[]> {
  const { config } = await deps.config.load();
  return unseenByService(deps.services.facts().ofTheShell, config);
}

function serviceSpec(deps: Deps, input: InstallServiceInput): ServiceSpec {
  const { environment, umask, user, notifies } = deps.services.facts();
  return {
    command: [
      programOf(deps),
      ...(input.namedConfig ? ["--config", deps.config.file] : []),
      "daemon",
      "run",
      "--service",
      ...(input.interval === undefined ? [] : ["--interval", checkedInterval(input.interval)]),
    ],
    environment,
    umask,
    user: input.scope === "system" ? systemUser(deps, input.user) : user,
    stateDirectory: deps.places.stateDirectory,
    notifies,
  };
}

/** From sources `process.execPath` is the runtime, and no path leads to lull itself. */
function programOf({ services }: Deps): string {
  if (services.program !== undefined) return services.program;
  throw new LullError({
    kind: "failed",
    code: "NOT_A_BINARY",
    message: "lull was run from its sources; a service needs the compiled binary",
    hint: "npm run build, then: dist/lull service install",
  });
}

function checkedInterval(text: string): string {
  const plain = text.replaceAll(/\s+/g, "");
  if ((parseDuration(plain) ?? 0) > 0) return plain;
  throw new LullError({
    kind: "usage",
    code: "BAD_VALUE",
    message: `--interval can not be "${text}"`,
    hint: "write a duration: 15m, 1h30m, 1d",
  });
}

function systemUser(deps: Deps, named: string | undefined): string {
  const user = named ?? deps.services.facts().behindSudo;
  if (user !== undefined) return user;
  throw new LullError({
    kind: "usage",
    code: "MISSING_VALUE",
    message: "nobody was named whose folders the service is to sync",
    hint: "name one: lull service install --system --user NAME",
  });
}
