/** Flags from `LULL_*` environment variables. A flag on the command line wins over its variable. */
import type { LullError } from "../base/errors.ts";
import type { Argument, FlagTable } from "./command.ts";
import { usageError } from "./usage-error.ts";

/** Help and version are questions, not settings: a variable for them would only do harm. */
const WITHOUT_VARIABLE = new Set(["help", "version"]);

/** Returns the variable of a flag: `LULL_DRY_RUN`, `LULL_NO_COLOR`; undefined where there is none. */
export function variableOf(name: string, argument: Argument): string | undefined {
  if (argument.type === "positional" || WITHOUT_VARIABLE.has(name)) return undefined;
  const words = name.replaceAll("-", "_").toUpperCase();
  return isNegated(argument) ? `LULL_NO_${words}` : `LULL_${words}`;
}

/** True for a flag that people only ever switch off: `--no-color`. */
export function isNegated(argument: Argument): boolean {
  return (
    argument.type === "boolean" &&
    argument.negativeDescription !== undefined &&
    argument.description === undefined
  );
}

export type EnvironmentFlags = {
  readonly values: ReadonlyMap<string, string | boolean>;
  readonly problem: LullError | undefined;
};

/** Reads the variables of all flags. An empty variable counts as not set; the first bad one is the problem. */
export function flagsFromEnvironment(
  flags: FlagTable,
  env: Readonly<Record<string, string | undefined>>,
): EnvironmentFlags {
  const values = new Map<string, string | boolean>();
  let problem: LullError | undefined;
  for (const [name, argument] of Object.entries(flags)) {
    const variable = variableOf(name, argument);
    const text = variable === undefined ? undefined : env[variable];
    if (variable === undefined || text === undefined || text === "") continue;
    if (argument.type !== "boolean") {
      values.set(name, text);
      continue;
    }
    const value = parseBoolean(text);
    if (value === undefined) problem ??= notBoolean(`the environment variable ${variable}`, text);
    else values.set(name, isNegated(argument) ? !value : value);
  }
  return { values, problem };
}

/** Returns undefined when the text is neither yes nor no. */
export function parseBoolean(text: string): boolean | undefined {
  const word = text.trim().toLowerCase();
  if (["1", "true", "yes", "on"].includes(word)) return true;
  if (["0", "false", "no", "off"].includes(word)) return false;
  return undefined;
}

export function notBoolean(what: string, text: string): LullError {
  // `--with-token=TOKEN` is a slip that comes easily.
  const shown = /token|secret|password/i.test(what) ? "" : `: "${text}"`;
  return usageError(
    "BAD_VALUE",
    `${what} is neither true nor false${shown}`,
    "write 1 or 0, or leave it out",
  );
}
