import type { LullError } from "../base/errors.ts";
import type { Argument, Command } from "./command.ts";
import { usageError } from "./usage-error.ts";

/** Returns what is wrong with the number of positionals, if anything. */
export function checkPositionals(
  path: readonly string[],
  command: Command,
  given: readonly string[],
): LullError | undefined {
  const declared = Object.entries(command.args).filter(([, argument]) => argument.type === "positional");
  const hint = `usage: ${usageLine(path, command)}`;
  if (command.commands !== undefined) {
    return command.run === undefined ? missingCommand(path, command) : undefined;
  }
  const missing = declared.find(
    ([, argument], index) => argument.required === true && given[index] === undefined,
  );
  if (missing !== undefined)
    return usageError("MISSING_ARGUMENT", `missing argument ${shownName(...missing)}`, hint);
  const takesAll = declared.some(([, argument]) => argument.variadic === true);
  const extra = takesAll ? undefined : given[declared.length];
  if (extra === undefined) return undefined;
  if (command.meta.takesSecret === true) return secretAsArgument(path, hint);
  return usageError("UNEXPECTED_ARGUMENT", `unexpected argument "${extra}"`, hint);
}

function secretAsArgument(path: readonly string[], usage: string): LullError {
  return usageError(
    "UNEXPECTED_ARGUMENT",
    `\`lull ${path.join(" ")}\` was given a word too many; it is not repeated here, as it may be a secret`,
    `a secret is typed or sent on stdin; one that stood on a command line is in the shell's history and better made anew. ${usage}`,
  );
}

/** A group was named without saying which of its commands. */
export function missingCommand(path: readonly string[], command: Command): LullError {
  const names = Object.entries(command.commands ?? {}).filter(([, { hidden }]) => hidden !== true);
  return usageError(
    "MISSING_ARGUMENT",
    `\`lull ${path.join(" ")}\` needs one of: ${names.map(([name]) => name).join(", ")}`,
    `usage: ${usageLine(path, command)}`,
  );
}

/** `lull add FOLDER [options]`. */
export function usageLine(path: readonly string[], command: Command): string {
  const words = Object.entries(command.args)
    .filter(([, argument]) => argument.type === "positional")
    .map(([name, argument]) =>
      argument.required === true ? shownName(name, argument) : `[${shownName(name, argument)}]`,
    );
  const commands = command.commands === undefined ? [] : ["COMMAND"];
  return ["lull", ...path, ...commands, ...words, "[options]"].join(" ");
}

export function shownName(name: string, argument: Argument): string {
  return `${argument.valueHint ?? name.toUpperCase()}${argument.variadic === true ? "…" : ""}`;
}
