/** The service under systemd: a unit of the person's own manager, or of the system's. */
import { join } from "node:path";

import { LullError } from "../base/errors.ts";
import type { ProgramResult } from "../base/program.ts";
import { QUESTION_DEADLINE_MS, whyFailed } from "./perform-actions.ts";
import { findService, type FoundService, type ServiceAdapter, type ServiceLook } from "./service-adapter.ts";
import { assertRoot, assertUserExists } from "./system-scope.ts";
import type { ServiceAction, ServiceEffects, ServiceProblem, ServiceScope } from "./service.ts";
import {
  describeFailure,
  isEnabled,
  type ManagerFacts,
  readManagerFacts,
  readUnitState,
  STATE_PROPERTIES,
  unitCommand,
  type UnitState,
} from "./systemd-state.ts";
import { renderUnit, UNIT } from "./systemd-unit.ts";

export type SystemdInput = {
  readonly scope: ServiceScope;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly userId: number;
  /** Whose service it is. */
  readonly user: string;
  /** The real path of this very program, for hints. */
  readonly program: string;
};

/** @returns undefined where systemd runs nothing: no such program, or another init */
export async function systemdAdapter(
  input: SystemdInput,
  effects: ServiceEffects,
  signal: AbortSignal,
): Promise<ServiceAdapter | undefined> {
  const { scope } = input;
  const environment = toolEnvironment(input, effects);
  const systemctl: readonly [string, ...string[]] =
    scope === "user" ? ["systemctl", "--user"] : ["systemctl"];
  const ask = async (...words: string[]): Promise<ProgramResult> =>
    effects.run([...systemctl, ...words], { deadlineMs: QUESTION_DEADLINE_MS, signal, env: environment });
  const answer = await ask("show", "--property=Version", "--property=UnitPath");
  if (answer.kind === "missing") return undefined;
  const isReached = answer.kind === "ended" && answer.code === 0;
  if (!isReached && !effects.exists(BOOTED)) return undefined;
  const facts = readManagerFacts(isReached ? answer.stdout : "");
  const folder = unitFolder(input, facts);
  const file = join(folder, UNIT);
  const unreached = isReached ? undefined : unreachable(answer, input);
  return {
    kind: "systemd",
    scope,
    file,
    environment,
    logHint: scope === "user" ? `journalctl --user -u ${UNIT} -n 20` : `sudo journalctl -u ${UNIT} -n 20`,
    assertUsable: async () => {
      if (scope === "system") assertRoot(input);
      if (unreached !== undefined)
        throw new LullError({
          kind: "failed",
          code: "NO_USER_MANAGER",
          message: unreached.what,
          hint: unreached.next,
        });
    },
    assertPossible: async (spec) => {
      if (scope === "system") await assertUserExists(spec.user, effects, signal);
    },
    render: (spec) => renderUnit(spec, { scope, version: facts.version }),
    isSame: (installed, rendered) => installed === rendered,
    look: async () => {
      const found = findService(file, effects);
      const lingering = scope === "user" ? effects.exists(join(LINGER, input.user)) : undefined;
      if (unreached !== undefined) return unseen(found, lingering, unreached);
      const shown = await ask("show", UNIT, ...STATE_PROPERTIES.map((name) => `--property=${name}`));
      if (shown.kind !== "ended" || shown.code !== 0)
        return unseen(found, lingering, {
          what: `systemctl ${whyFailed(shown)}`,
          next: "lull service status",
        });
      const asked = await ask("is-enabled", UNIT);
      const enabled = asked.kind === "ended" ? isEnabled(asked.stdout) : undefined;
      return lookOf(readUnitState(shown.stdout), { found, enabled, lingering, file, scope });
    },
    installing: ({ text, look, isSame }) => {
      const actions: ServiceAction[] = [];
      if (!isSame)
        actions.push({ kind: "make-folder", folder }, { kind: "write", file, text, encoding: "utf-8" });
      if (!isSame || look.isStale) actions.push(run("stop", ...systemctl, "daemon-reload"));
      if (look.enabled !== true) actions.push(run("stop", ...systemctl, "enable", UNIT));
      // Starts it, too, where it does not run.
      if (!isSame || look.isStale || look.running === undefined)
        actions.push(run("stop", ...systemctl, "restart", UNIT));
      return actions;
    },
    uninstalling: (look) => {
      if (look.found.kind === "absent" && look.running === undefined && look.enabled !== true) return [];
      return [
        // Of a unit whose file is gone only the process is left; `disable` fails then.
        run(look.found.kind === "absent" ? "go-on" : "stop", ...systemctl, "disable", UNIT),
        run(look.isLoaded || look.running !== undefined ? "stop" : "go-on", ...systemctl, "stop", UNIT),
        ...(look.found.kind === "absent" ? [] : [{ kind: "remove", file } as const]),
        run("stop", ...systemctl, "daemon-reload"),
        run("go-on", ...systemctl, "reset-failed", UNIT),
      ];
    },
  };
}

/** sd_booted(3): there only while systemd is the system's init. */
const BOOTED = "/run/systemd/system";
/** One empty file for each person with lingering on: logind's own record. */
const LINGER = "/var/lib/systemd/linger";

function run(onFailure: "stop" | "go-on", program: string, ...words: string[]): ServiceAction {
  return { kind: "run", command: [program, ...words], onFailure };
}

/** `su`, cron and forced commands of ssh leave out the variable by which the person's manager is found. */
function toolEnvironment(
  { environment, scope, userId }: SystemdInput,
  effects: ServiceEffects,
): Readonly<Record<string, string | undefined>> {
  const plain = { ...environment, TZ: "UTC", LC_ALL: "C", SYSTEMD_COLORS: "0", SYSTEMD_PAGER: "" };
  const runtime = `/run/user/${userId}`;
  const isMissing = (environment["XDG_RUNTIME_DIR"] ?? "") === "";
  return scope === "user" && isMissing && effects.exists(runtime)
    ? { ...plain, XDG_RUNTIME_DIR: runtime }
    : plain;
}

/**
 * Where the manager will find the unit. Its own XDG_CONFIG_HOME need not be that of the shell: one that is set in a
 * shell's start-up file never reaches it.
 */
function unitFolder({ scope, environment, home }: SystemdInput, { unitPath }: ManagerFacts): string {
  if (scope === "system") return "/etc/systemd/system";
  const chosen = environment["XDG_CONFIG_HOME"] ?? "";
  const candidates = [...(chosen.startsWith("/") ? [chosen] : []), join(home, ".config")].map((config) =>
    join(config, "systemd", "user"),
  );
  const [first = ""] = candidates;
  return candidates.find((folder) => unitPath.includes(folder)) ?? first;
}

function unreachable(answer: ProgramResult, { scope, userId, user }: SystemdInput): ServiceProblem {
  return {
    what: `systemd does not answer: systemctl ${whyFailed(answer)}`,
    next:
      scope === "user"
        ? `log in as ${user} (not by su or sudo), or: export XDG_RUNTIME_DIR=/run/user/${userId}`
        : "systemctl is-system-running",
  };
}

function unseen(found: FoundService, lingering: boolean | undefined, problem: ServiceProblem): ServiceLook {
  return {
    found,
    lingering,
    enabled: undefined,
    state: undefined,
    running: undefined,
    isLoaded: false,
    isStale: false,
    problems: [problem],
  };
}

type Around = {
  readonly found: FoundService;
  readonly enabled: boolean | undefined;
  readonly lingering: boolean | undefined;
  readonly file: string;
  readonly scope: ServiceScope;
};

function lookOf(unit: UnitState, { found, enabled, lingering, file, scope }: Around): ServiceLook {
  const { state, running, fragment, failure } = unit;
  const problems: ServiceProblem[] = [];
  if (unit.masked)
    problems.push({ what: "it is masked: it can not be started", next: unitCommand(scope, "unmask") });
  else if (found.kind !== "absent" && fragment !== undefined && fragment !== file)
    problems.push({
      what: `another unit of this name comes first: ${fragment}`,
      next: `look what it is: ${fragment}`,
    });
  if (failure !== undefined) {
    const log = scope === "user" ? `journalctl --user -u ${UNIT} -n 20` : `sudo journalctl -u ${UNIT} -n 20`;
    problems.push({ what: `it failed (${describeFailure(failure)})`, next: log });
  }
  if (lingering === false && found.kind === "own")
    problems.push({
      what: "lingering is off: it stops when you log out, and starts with your next log-on",
      next: "loginctl enable-linger",
    });
  return {
    // A unit of a package: it is not lull's to switch on or off.
    found:
      found.kind === "absent" && fragment !== undefined && fragment !== file ? { kind: "foreign" } : found,
    lingering,
    enabled,
    state,
    running,
    isLoaded: fragment !== undefined,
    isStale: unit.needsReload && found.kind === "own",
    problems,
  };
}
