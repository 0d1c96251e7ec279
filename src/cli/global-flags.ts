import type { FlagTable } from "./command.ts";

/** The flags of every command, before or after its name. A command that has no use for one ignores it. */
export const GLOBAL_FLAGS = {
  config: { type: "string", alias: "c", valueHint: "FILE", description: "Read this config file" },
  "dry-run": { type: "boolean", alias: "n", description: "Show what would be done, change nothing" },
  verbose: { type: "boolean", alias: "v", description: "Show each step and the technical causes of errors" },
  quiet: { type: "boolean", alias: "q", description: "Show only data and errors" },
  json: { type: "boolean", description: "Print one JSON document, also for errors" },
  yes: { type: "boolean", alias: "y", description: "Answer every question with its default" },
  force: { type: "boolean", alias: "f", description: "Go on where a check would stop and ask" },
  color: { type: "boolean", negativeDescription: "Print no colours (NO_COLOR does the same)" },
  help: { type: "boolean", alias: "h", description: "Show the help of a command" },
  version: { type: "boolean", alias: "V", description: "Show the version" },
} as const satisfies FlagTable;

export type GlobalFlags = {
  readonly config: string | undefined;
  readonly dryRun: boolean;
  readonly verbose: boolean;
  readonly quiet: boolean;
  readonly json: boolean;
  readonly yes: boolean;
  readonly force: boolean;
  /** Undefined: decided by the terminal and the environment. */
  readonly color: boolean | undefined;
  readonly help: boolean;
  readonly version: boolean;
};

/** Given flags, by name, as the typed set. */
export function globalFlags(given: ReadonlyMap<string, string | boolean>): GlobalFlags {
  const on = (name: keyof typeof GLOBAL_FLAGS): boolean => given.get(name) === true;
  const config = given.get("config");
  const color = given.get("color");
  return {
    config: typeof config === "string" ? config : undefined,
    dryRun: on("dry-run"),
    verbose: on("verbose"),
    quiet: on("quiet"),
    json: on("json"),
    yes: on("yes"),
    force: on("force"),
    color: typeof color === "boolean" ? color : undefined,
    help: on("help"),
    version: on("version"),
  };
}
