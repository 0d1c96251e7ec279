import { LullError } from "../base/errors.ts";
import { performActions } from "./perform-actions.ts";
import type { ServiceAdapter, ServiceLook } from "./service-adapter.ts";
import { specOf } from "./service-text.ts";
import type {
  ServiceEffects,
  ServiceInstalled,
  ServiceManager,
  ServiceOptions,
  ServiceProblem,
  ServiceScope,
  ServiceSpec,
  ServiceStatus,
} from "./service.ts";

/** Makes a manager of what one system does its own way: look, plan, do (or only show), look again. */
export function createService(adapter: ServiceAdapter, effects: ServiceEffects): ServiceManager {
  const { kind, scope, file, environment, logHint } = adapter;
  const about = { manager: kind, scope };
  return {
    kind,
    scope,
    async install(spec, options) {
      const { signal, dryRun } = options;
      await adapter.assertUsable(signal);
      await adapter.assertPossible(spec, signal);
      const text = adapter.render(spec);
      const look = await adapter.look(signal);
      assertOwn(look, file, options);
      const isSame = look.found.kind === "own" && adapter.isSame(look.found.text, text);
      const actions = adapter.installing({ spec, text, look, isSame });
      if (!dryRun) await performActions(actions, { effects, environment, logHint, signal });
      const { problems } = dryRun || actions.length === 0 ? look : await adapter.look(signal);
      const outcome = outcomeOf(look, isSame, actions.length === 0);
      return { ...about, outcome, file, text, actions, dryRun, problems };
    },
    async uninstall(options) {
      const { signal, dryRun } = options;
      await adapter.assertUsable(signal);
      const look = await adapter.look(signal);
      assertOwn(look, file, options);
      const actions = adapter.uninstalling(look);
      if (!dryRun) await performActions(actions, { effects, environment, logHint, signal });
      const outcome = actions.length === 0 ? "not-installed" : "uninstalled";
      return { ...about, outcome, file, actions, dryRun };
    },
    async status({ program, signal }) {
      const look = await adapter.look(signal);
      const spec = look.found.kind === "own" ? specOf(look.found.text) : undefined;
      const { enabled, state, running, lingering } = look;
      const installed = installedOf(adapter, look, { spec, program });
      const problems = [
        ...statusProblems(look, { installed, spec, effects, install: installCommand(scope, program) }),
        ...look.problems,
      ];
      const command = spec?.command;
      return { ...about, file, installed, command, enabled, state, running, lingering, problems };
    },
  };
}

type Installed = { readonly spec: ServiceSpec | undefined; readonly program: string | undefined };

/** Against what an installation with the same words would write now: a status is asked for from any shell. */
function installedOf(
  adapter: ServiceAdapter,
  { found }: ServiceLook,
  { spec, program }: Installed,
): ServiceStatus["installed"] {
  if (found.kind === "absent") return "no";
  if (found.kind === "foreign") return "foreign";
  if (spec === undefined) return "differs";
  const [installedProgram, ...words] = spec.command;
  const now = rendered(adapter, { ...spec, command: [program ?? installedProgram, ...words] });
  return adapter.isSame(found.text, now) ? "yes" : "differs";
}

/** A path that can not be part of a service can not have been installed either. */
function rendered(adapter: ServiceAdapter, spec: ServiceSpec): string {
  try {
    return adapter.render(spec);
  } catch (error) {
    if (error instanceof LullError) return "";
    throw error;
  }
}

function outcomeOf(look: ServiceLook, isSame: boolean, isIdle: boolean): ServiceInstalled["outcome"] {
  if (isIdle) return "unchanged";
  if (look.found.kind === "absent") return "installed";
  return isSame ? "started" : "updated";
}

function assertOwn(look: ServiceLook, file: string, { force }: ServiceOptions): void {
  if (look.found.kind !== "foreign" || force) return;
  throw new LullError({
    kind: "failed",
    code: "FOREIGN_SERVICE",
    message: `${file} was not written by lull`,
    hint: "look what it is; the same command with --force does it all the same",
    data: { file },
  });
}

/** For hints; the PATH of sudo is another one. */
function installCommand(scope: ServiceScope, program: string | undefined): string {
  return scope === "user" ? "lull service install" : `sudo ${program ?? "lull"} service install --system`;
}

type Judged = {
  readonly installed: ServiceStatus["installed"];
  readonly spec: ServiceSpec | undefined;
  readonly effects: ServiceEffects;
  readonly install: string;
};

function statusProblems(
  { enabled, running, state, isStale }: ServiceLook,
  { installed, spec, effects, install }: Judged,
): readonly ServiceProblem[] {
  if (installed === "no")
    return running === undefined
      ? [{ what: "it is not installed", next: install }]
      : [{ what: "its file is gone, but it runs on until the next log-on", next: install }];
  if (installed === "foreign")
    return [{ what: "a file of this name is there that lull did not write", next: `${install} --force` }];
  const problems: ServiceProblem[] = [];
  if (spec !== undefined && !effects.exists(spec.command[0]))
    problems.push({ what: `the program that it starts is gone: ${spec.command[0]}`, next: install });
  else if (installed === "differs")
    problems.push({ what: "its text is not the one that this lull would write now", next: install });
  else if (isStale) problems.push({ what: "the manager has not read its new text yet", next: install });
  if (enabled === false) problems.push({ what: "it does not start by itself", next: install });
  if (running === undefined && state !== undefined)
    problems.push({ what: "it is not running", next: install });
  return problems;
}
