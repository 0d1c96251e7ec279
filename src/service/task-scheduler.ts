/** The service under the Task Scheduler of Windows: a task of the person's, from log-on on. */
import { win32 } from "node:path";

import { LullError } from "../base/errors.ts";
import type { ProgramResult } from "../base/program.ts";
import { QUESTION_DEADLINE_MS } from "./perform-actions.ts";
import type { ServiceAdapter, ServiceLook } from "./service-adapter.ts";
import { MARKER } from "./service-text.ts";
import type { ServiceAction, ServiceEffects, ServiceProblem, ServiceScope, ServiceSpec } from "./service.ts";
import { isTaskEnabled, readTaskState } from "./task-state.ts";
import { fingerprintOf, renderTask } from "./task-xml.ts";

export type TaskSchedulerInput = {
  readonly scope: ServiceScope;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `DOMAIN\name`: tasks of all people of a machine share one list. */
  readonly user: string;
  readonly stateDirectory: string;
};

export function taskSchedulerAdapter(input: TaskSchedulerInput, effects: ServiceEffects): ServiceAdapter {
  const { scope, environment } = input;
  const systemRoot = environment["SystemRoot"] ?? String.raw`C:\Windows`;
  const schtasks = win32.join(systemRoot, "System32", "schtasks.exe");
  const name = taskName(input.user);
  const folder = win32.join(input.stateDirectory, "service");
  const file = win32.join(folder, "task.xml");
  const ask = async (
    program: string,
    words: readonly string[],
    signal: AbortSignal,
  ): Promise<ProgramResult> =>
    effects.run([program, ...words], { deadlineMs: QUESTION_DEADLINE_MS, signal, env: environment });
  const step = (onFailure: "stop" | "go-on", ...words: string[]): ServiceAction => ({
    kind: "run",
    command: [schtasks, ...words],
    onFailure,
  });
  return {
    kind: "task-scheduler",
    scope,
    file,
    environment,
    logHint: `schtasks /Query /TN ${name} /V /FO LIST`,
    assertUsable: async () => assertUserScope(scope),
    assertPossible: async (spec, signal) => {
      const reg = win32.join(systemRoot, "System32", "reg.exe");
      await assertEnvironmentKept(spec, (words) => ask(reg, words, signal));
    },
    render: (spec) => renderTask(spec, { name, systemRoot }),
    isSame: (installed, rendered) => {
      const known = fingerprintOf(installed);
      return known !== undefined && known === fingerprintOf(rendered);
    },
    look: async (signal) =>
      lookOf(
        await ask(schtasks, ["/Query", "/TN", name, "/XML"], signal),
        await ask(schtasks, ["/Query", "/TN", name, "/FO", "CSV", "/V", "/NH"], signal),
      ),
    installing: ({ text, look, isSame }) => {
      const isRight = isSame && look.enabled === true;
      if (isRight && look.running !== undefined) return [];
      const start = step("stop", "/Run", "/TN", name);
      if (isRight) return [start];
      return [
        { kind: "make-folder", folder },
        { kind: "write", file, text, encoding: "utf-16le" },
        ...(look.running === undefined ? [] : [step("stop", "/End", "/TN", name)]),
        step("stop", "/Create", "/TN", name, "/XML", file, "/F"),
        start,
      ];
    },
    uninstalling: (look) =>
      look.found.kind === "absent"
        ? []
        : [
            ...(look.running === undefined ? [] : [step("go-on", "/End", "/TN", name)]),
            step("stop", "/Delete", "/TN", name, "/F"),
            { kind: "remove", file },
          ],
  };
}

/** Fit for a task's name, which can not have the signs of paths. */
function taskName(user: string): string {
  const plain = (user.split("\\").at(-1) ?? user).replaceAll(/[^\p{L}\p{N}._-]+/gu, "-");
  return `lull-${plain}`;
}

function assertUserScope(scope: ServiceScope): void {
  if (scope === "user") return;
  throw new LullError({
    kind: "usage",
    code: "NO_SERVICE_MANAGER",
    message:
      "on Windows lull runs as a task of your own only: a system service could not reach your credentials",
    hint: "lull service install",
  });
}

/** A task has no variables of its own, but gets those that are set for the person for good. */
async function assertEnvironmentKept(
  { environment }: ServiceSpec,
  reg: (words: readonly string[]) => Promise<ProgramResult>,
): Promise<void> {
  for (const [name, value] of Object.entries(environment)) {
    const result = await reg(["query", String.raw`HKCU\Environment`, "/v", name]);
    const kept =
      result.kind === "ended" ? /\sREG_(?:EXPAND_)?SZ\s+(.*?)\r?$/m.exec(result.stdout)?.[1] : undefined;
    if (kept === value) continue;
    throw new LullError({
      kind: "config",
      code: "SERVICE_ENVIRONMENT",
      message: `${name} is set for this window only; the service would not see it`,
      hint: `set it for good, then run the command again: setx ${name} "${value}"`,
    });
  }
}

function lookOf(xml: ProgramResult, row: ProgramResult): ServiceLook {
  const text = xml.kind === "ended" && xml.code === 0 ? xml.stdout : undefined;
  const { isRunning, lastResult } = readTaskState(row.kind === "ended" && row.code === 0 ? row.stdout : "");
  const problems: ServiceProblem[] = [];
  if (text === undefined && (xml.kind !== "ended" || xml.code !== 1))
    problems.push({ what: "the Task Scheduler does not answer", next: "schtasks /Query" });
  if (!isRunning && (lastResult ?? 0) !== 0)
    problems.push({
      what: `its last start ended with 0x${(lastResult ?? 0).toString(16)}`,
      next: "lull daemon run --verbose",
    });
  return {
    found:
      text === undefined
        ? { kind: "absent" }
        : text.includes(MARKER)
          ? { kind: "own", text }
          : { kind: "foreign" },
    lingering: undefined,
    enabled: text === undefined ? undefined : isTaskEnabled(text),
    state: text === undefined ? undefined : isRunning ? "running" : "not running",
    running: isRunning ? { pid: undefined, since: undefined } : undefined,
    isLoaded: text !== undefined,
    isStale: false,
    problems,
  };
}
