/**
 * Reads argv strictly: citty takes any flag in silence and knows no flags before the command, so this layer finds
 * the command, checks every word against the declared arguments and hands citty a canonical argv.
 */
import type { LullError } from "../base/errors.ts";
import type { Argument, Command, CommandEntry, CommandTable, FlagTable } from "./command.ts";
import { flagsFromEnvironment, notBoolean, parseBoolean } from "./environment.ts";
import { GLOBAL_FLAGS } from "./global-flags.ts";
import { checkPositionals } from "./positionals.ts";
import { didYouMean, usageError } from "./usage-error.ts";

export type FoundCommand = { readonly entry: CommandEntry; readonly command: Command };

export type ReadArguments = {
  /** The words that lead to the command: `["config", "show"]`. */
  readonly path: readonly string[];
  readonly found: FoundCommand | undefined;
  /** Values of global and command flags, by name; the environment's where the command line says nothing. */
  readonly given: ReadonlyMap<string, string | boolean>;
  readonly positionals: readonly string[];
  /** The first mistake. Reading goes on after it, so that `--json` and `--help` behind it still count. */
  readonly problem: LullError | undefined;
};

type Reading = {
  path: string[];
  table: CommandTable | undefined;
  found: FoundCommand | undefined;
  flags: FlagTable;
  given: Map<string, string | boolean>;
  positionals: string[];
  problem: LullError | undefined;
};

export async function readArguments(
  argv: readonly string[],
  table: CommandTable,
  env: Readonly<Record<string, string | undefined>>,
): Promise<ReadArguments> {
  const reading: Reading = {
    path: [],
    table,
    found: undefined,
    flags: GLOBAL_FLAGS,
    given: new Map(),
    positionals: [],
    problem: undefined,
  };
  let onlyWords = false;
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? "";
    if (!onlyWords && word === "--") onlyWords = true;
    else if (!onlyWords && word.startsWith("-") && word.length > 1)
      index += readFlag(reading, word, argv[index + 1]);
    else await readWord(reading, word);
  }
  finish(reading, env);
  return reading;
}

async function readWord(reading: Reading, word: string): Promise<void> {
  if (reading.table === undefined) {
    reading.positionals.push(word);
    return;
  }
  const name = findName(reading.table, word);
  const entry = name === undefined ? undefined : reading.table[name];
  if (name === undefined || entry === undefined) {
    reading.problem ??= unknownCommand(reading, word, reading.table);
    // The rest can not be understood without the command; it is read for the global flags only.
    reading.table = undefined;
    return;
  }
  const command = await entry.load();
  reading.path.push(name);
  reading.found = { entry, command };
  reading.table = command.commands;
  reading.flags = { ...GLOBAL_FLAGS, ...flagsOf(command) };
}

/** Returns how many words after the flag belong to it. */
function readFlag(reading: Reading, word: string, next: string | undefined): 0 | 1 {
  return word.startsWith("--") ? readLongFlag(reading, word, next) : readShortFlags(reading, word, next);
}

function readLongFlag(reading: Reading, word: string, next: string | undefined): 0 | 1 {
  const equals = word.indexOf("=");
  const written = equals === -1 ? word.slice(2) : word.slice(2, equals);
  const inline = equals === -1 ? undefined : word.slice(equals + 1);
  const negated = written.startsWith("no-") && !Object.hasOwn(reading.flags, written);
  const name = negated ? written.slice(3) : written;
  const argument = Object.hasOwn(reading.flags, name) ? reading.flags[name] : undefined;
  if (argument === undefined || (negated && (argument.type !== "boolean" || inline !== undefined))) {
    reading.problem ??= unknownFlag(reading, `--${written}`);
    return 0;
  }
  if (argument.type !== "boolean")
    return takeValue(reading, { name, shown: `--${name}`, argument, inline, next });
  const value = inline === undefined ? !negated : parseBoolean(inline);
  if (value === undefined) reading.problem ??= notBoolean(`the value of --${name}`, inline ?? "");
  else reading.given.set(name, value);
  return 0;
}

/** `-nv` is `-n -v`; the value of a flag may follow at once (`-cFILE`) or as the next word. */
function readShortFlags(reading: Reading, word: string, next: string | undefined): 0 | 1 {
  for (let index = 1; index < word.length; index++) {
    const letter = word.charAt(index);
    // The command's own come last, and before a global one of the same letter: `logs -f` follows.
    const found = Object.entries(reading.flags).findLast(([, argument]) =>
      aliasesOf(argument).includes(letter),
    );
    if (found === undefined) {
      reading.problem ??= unknownFlag(reading, `-${letter}`);
      return 0;
    }
    const [name, argument] = found;
    if (argument.type === "boolean") {
      reading.given.set(name, true);
      continue;
    }
    const rest = word.slice(index + 1).replace(/^=/, "");
    return takeValue(reading, {
      name,
      shown: `-${letter}`,
      argument,
      inline: rest === "" ? undefined : rest,
      next,
    });
  }
  return 0;
}

type FlagWithValue = {
  readonly name: string;
  readonly shown: string;
  readonly argument: Argument;
  readonly inline: string | undefined;
  readonly next: string | undefined;
};

function takeValue(reading: Reading, flag: FlagWithValue): 0 | 1 {
  const { name, shown, argument, inline, next } = flag;
  const value =
    inline ?? (next === undefined || (next.startsWith("-") && next.length > 1) ? undefined : next);
  if (value === undefined || value === "") {
    const form = `--${name}=${argument.valueHint ?? "VALUE"}`;
    reading.problem ??= usageError("MISSING_VALUE", `${shown} needs a value`, `write it as ${form}`);
    return value === "" && inline === undefined ? 1 : 0;
  }
  reading.given.set(name, value);
  return inline === undefined ? 1 : 0;
}

function finish(reading: Reading, env: Readonly<Record<string, string | undefined>>): void {
  const { given, found } = reading;
  if (given.get("verbose") === true && given.get("quiet") === true) {
    reading.problem ??= usageError(
      "BAD_VALUE",
      "--verbose and --quiet exclude each other",
      "give one of them",
    );
  }
  const fromEnvironment = flagsFromEnvironment(reading.flags, env);
  const opposite: Readonly<Record<string, string>> = { verbose: "quiet", quiet: "verbose" };
  for (const [name, value] of fromEnvironment.values) {
    if (given.has(name) || given.get(opposite[name] ?? "") === true) continue;
    given.set(name, value);
  }
  reading.problem ??= fromEnvironment.problem ?? badChoice(reading);
  if (found !== undefined)
    reading.problem ??= checkPositionals(reading.path, found.command, reading.positionals);
}

function badChoice(reading: Reading): LullError | undefined {
  for (const [name, argument] of Object.entries(reading.flags)) {
    const value = reading.given.get(name);
    if (argument.type !== "enum" || typeof value !== "string") continue;
    const options = argument.options ?? [];
    if (options.includes(value)) continue;
    const hint = didYouMean(value, options, `it can be ${options.join(", ")}`);
    return usageError("BAD_VALUE", `--${name} can not be "${value}"`, hint);
  }
  return undefined;
}

function unknownFlag(reading: Reading, shown: string): LullError {
  const listing = `\`${["lull", ...reading.path, "--help"].join(" ")}\` lists all options`;
  const shownFlags = Object.entries(reading.flags).filter(([, argument]) => argument.hidden !== true);
  const known = shownFlags.flatMap(([name, argument]) =>
    argument.type === "boolean" && argument.description === undefined ? [`--no-${name}`] : [`--${name}`],
  );
  const hint = shown.startsWith("--") ? didYouMean(shown, known, listing) : listing;
  return usageError("UNKNOWN_FLAG", `unknown option "${shown}"`, hint);
}

function unknownCommand(reading: Reading, word: string, table: CommandTable): LullError {
  const group = ["lull", ...reading.path].join(" ");
  const known = Object.entries(table).flatMap(([name, entry]) =>
    entry.hidden === true ? [] : [name, ...(entry.aliases ?? [])],
  );
  const listing = `\`${group} --help\` lists all commands`;
  const shown = reading.path.length === 0 ? word : `${reading.path.join(" ")} ${word}`;
  return usageError("UNKNOWN_COMMAND", `unknown command "${shown}"`, didYouMean(word, known, listing));
}

function findName(table: CommandTable, word: string): string | undefined {
  if (Object.hasOwn(table, word)) return word;
  return Object.keys(table).find((name) => table[name]?.aliases?.includes(word) === true);
}

function flagsOf(command: Command): FlagTable {
  return Object.fromEntries(
    Object.entries(command.args).filter(([, argument]) => argument.type !== "positional"),
  );
}

export function aliasesOf(argument: Argument): readonly string[] {
  const alias = "alias" in argument ? argument.alias : undefined;
  if (alias === undefined) return [];
  return typeof alias === "string" ? [alias] : alias;
}
