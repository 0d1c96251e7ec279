/** The service under launchd: an agent of the person's session, or a daemon of the system. */
import { dirname, join } from "node:path/posix";

import type { ProgramResult } from "../base/program.ts";
import { LABEL, renderAgent } from "./launchd-agent.ts";
import { isDisabled, readAgentState } from "./launchd-state.ts";
import { QUESTION_DEADLINE_MS } from "./perform-actions.ts";
import { findService, type FoundService, type ServiceAdapter, type ServiceLook } from "./service-adapter.ts";
import type { ServiceAction, ServiceEffects, ServiceProblem, ServiceScope } from "./service.ts";
import { assertRoot, assertUserExists } from "./system-scope.ts";

export type LaunchdInput = {
  readonly scope: ServiceScope;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly userId: number;
  readonly program: string;
};

/** By its full path: what PATH says must not decide who is asked. */
const LAUNCHCTL = "/bin/launchctl";

export function launchdAdapter(input: LaunchdInput, effects: ServiceEffects): ServiceAdapter {
  const { scope, environment, userId } = input;
  const domain = scope === "system" ? "system" : `gui/${userId}`;
  const target = `${domain}/${LABEL}`;
  const folder = scope === "system" ? "/Library/LaunchDaemons" : join(input.home, "Library", "LaunchAgents");
  const file = join(folder, `${LABEL}.plist`);
  const bootOut: readonly ServiceAction[] = [
    launchctl("stop", "bootout", target),
    // It answers before the daemon has ended, and a new one is refused until then.
    { kind: "wait-until-fails", command: [LAUNCHCTL, "print", target] },
  ];
  return {
    kind: "launchd",
    scope,
    file,
    environment,
    logHint:
      scope === "system"
        ? `sudo launchctl print ${target}`
        : `launchctl print ${target}; over ssh there is no session to start it in: log in on the screen`,
    assertUsable: async () => {
      if (scope === "system") assertRoot(input);
    },
    assertPossible: async (spec, signal) => {
      if (scope === "system") await assertUserExists(spec.user, effects, signal);
    },
    render: (spec) => renderAgent(spec, scope),
    isSame: (installed, rendered) => installed === rendered,
    look: async (signal) => {
      const ask = async (...words: string[]): Promise<ProgramResult> =>
        effects.run([LAUNCHCTL, ...words], { deadlineMs: QUESTION_DEADLINE_MS, signal, env: environment });
      const found = findService(file, effects);
      return lookOf(found, await ask("print", target), await ask("print-disabled", domain), target);
    },
    installing: ({ spec, text, look, isSame }) => {
      const actions: ServiceAction[] = [];
      if (!isSame) {
        if (scope === "user") actions.push({ kind: "make-folder", folder: spec.stateDirectory });
        actions.push({ kind: "make-folder", folder: dirname(file) });
        actions.push({ kind: "write", file, text, encoding: "utf-8" });
      }
      if (look.enabled === false) actions.push(launchctl("stop", "enable", target));
      if (!isSame && look.isLoaded) actions.push(...bootOut);
      if (!isSame || !look.isLoaded) actions.push(launchctl("stop", "bootstrap", domain, file));
      else if (look.running === undefined) actions.push(launchctl("stop", "kickstart", target));
      return actions;
    },
    uninstalling: (look) => [
      ...(look.isLoaded ? bootOut : []),
      ...(look.found.kind === "absent" ? [] : [{ kind: "remove", file } as const]),
    ],
  };
}

function launchctl(onFailure: "stop" | "go-on", ...words: string[]): ServiceAction {
  return { kind: "run", command: [LAUNCHCTL, ...words], onFailure };
}

function lookOf(
  found: FoundService,
  printed: ProgramResult,
  disabled: ProgramResult,
  target: string,
): ServiceLook {
  const isLoaded = printed.kind === "ended" && printed.code === 0;
  const agent = readAgentState(isLoaded ? printed.stdout : "");
  const isOff = disabled.kind === "ended" && isDisabled(disabled.stdout);
  const problems: ServiceProblem[] = [];
  if (isLoaded && agent.pid === undefined && (agent.lastExitCode ?? 0) !== 0)
    problems.push({
      what: `it ended with exit code ${agent.lastExitCode} and is tried again`,
      next: `launchctl print ${target}`,
    });
  return {
    found,
    lingering: undefined,
    // launchd starts what lies in its folder, unless it was switched off by name.
    enabled: found.kind === "absent" ? false : !isOff,
    state: isLoaded ? agent.state : "not loaded",
    running: agent.pid === undefined ? undefined : { pid: agent.pid, since: undefined },
    isLoaded,
    isStale: false,
    problems,
  };
}
