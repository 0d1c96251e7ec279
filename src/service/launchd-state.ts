/** What `launchctl print` tells; its text is no contract, so that what is not found stays unknown. Pure. */
import { LABEL } from "./launchd-agent.ts";

export type AgentState = {
  /** `running`, `not running`, `spawn scheduled` …; undefined: not found in the text. */
  readonly state: string | undefined;
  readonly pid: number | undefined;
  /** Undefined: it never ended. */
  readonly lastExitCode: number | undefined;
};

export function readAgentState(output: string): AgentState {
  const pid = Number(topLevel(output, "pid"));
  const exit = /^-?\d+/.exec(topLevel(output, "last exit code") ?? "")?.[0];
  return {
    state: topLevel(output, "state"),
    pid: Number.isInteger(pid) && pid > 0 ? pid : undefined,
    lastExitCode: exit === undefined ? undefined : Number(exit),
  };
}

/** Of `launchctl print-disabled`: a label that is not in the list is enabled. */
export function isDisabled(output: string): boolean {
  const line = output.split("\n").find((each) => each.includes(`"${LABEL}"`)) ?? "";
  return /=>\s*(?:disabled|true)\s*$/.test(line);
}

/** Nested blocks (endpoints, the spawn state …) have keys of the same names, further to the right. */
function topLevel(output: string, key: string): string | undefined {
  for (const line of output.split("\n")) {
    const found = /^(?:\t| {1,4})([a-z][a-z ]*?) = (.*)$/.exec(line);
    if (found?.[1] === key) return found[2]?.trim();
  }
  return undefined;
}
