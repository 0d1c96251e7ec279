/** Help texts, made from the same data that the parser checks against. */
import { EXIT_CODES } from "../base/exit-codes.ts";
import { aliasesOf, type FoundCommand } from "./arguments.ts";
import type { Argument, CommandTable, ExitKind, FlagTable } from "./command.ts";
import { isNegated, variableOf } from "./environment.ts";
import { GLOBAL_FLAGS } from "./global-flags.ts";
import { shownName, usageLine } from "./positionals.ts";
import { COMMANDS } from "./root.ts";
import type { Session } from "./session.ts";
import type { Style } from "./style.ts";
import { displayWidth, padTo, wrapText } from "./text-layout.ts";

export type HelpLook = {
  readonly width: number;
  readonly style: Style;
  /** Leave out what is the same for every command. */
  readonly brief?: boolean;
};

/** Prints the help of a command, or of lull as a whole when none was named. */
export function printHelp(
  session: Session,
  path: readonly string[],
  found: FoundCommand | undefined,
): ExitKind {
  const look = { width: session.out.width, style: session.out.style };
  const lines = found === undefined ? rootHelp(look) : commandHelp(path, found, look);
  if (session.out.json) session.out.document({ help: lines.join("\n") });
  else session.out.print(lines);
  return "ok";
}

export function rootHelp(look: HelpLook): readonly string[] {
  const { style } = look;
  return [
    "lull keeps dotfiles, settings, notes and projects in sync with git remotes.",
    "",
    `${style.bold("Usage:")} lull [COMMAND] [options]`,
    ...section("Commands", commandRows(COMMANDS), look),
    ...section("Options of every command", flagRows(GLOBAL_FLAGS), look),
    ...section("Exit codes", exitRows(Object.keys(EXIT_CODES) as readonly ExitKind[]), look),
    "",
    ...wrapText(
      "Every option can be given as the environment variable shown beside it; the command line wins.",
      look.width,
    ),
    "`lull help COMMAND` tells more about one command.",
  ];
}

export function commandHelp(path: readonly string[], found: FoundCommand, look: HelpLook): readonly string[] {
  const { command, entry } = found;
  const { meta } = command;
  const positionals = Object.entries(command.args).filter(([, argument]) => argument.type === "positional");
  const flags = Object.fromEntries(
    Object.entries(command.args).filter(([, { type }]) => type !== "positional"),
  );
  const kinds: readonly ExitKind[] = ["ok", "failed", "usage", ...(meta.exits ?? []), "interrupted"];
  const others =
    path.length === 1 && entry.aliases !== undefined ? entry.aliases.map((alias) => `lull ${alias}`) : [];
  return [
    `${entry.summary}.`,
    "",
    `${look.style.bold("Usage:")} ${usageLine(path, command)}`,
    ...(others.length === 0 ? [] : [`${look.style.bold("Also:")}  ${others.join(", ")}`]),
    ...(meta.details ?? []).flatMap((paragraph) => ["", ...wrapText(paragraph, look.width)]),
    ...section("Commands", command.commands === undefined ? [] : commandRows(command.commands), look),
    ...section(
      "Arguments",
      positionals.map(([name, argument]) => [shownName(name, argument), argument.description ?? ""]),
      look,
    ),
    ...section("Options", flagRows(flags), look),
    ...section(
      "Examples",
      meta.examples.map(({ command, does }) => [command, does]),
      look,
    ),
    ...(look.brief === true
      ? []
      : section("Options of every command", flagRows(globalFlagsBeside(flags)), look)),
    ...(command.commands === undefined ? section("Exit codes", exitRows(kinds), look) : []),
  ];
}

/** A letter that the command uses itself is not the global flag's there. */
function globalFlagsBeside(own: FlagTable): FlagTable {
  const taken = new Set(Object.values(own).flatMap(aliasesOf));
  return Object.fromEntries(
    Object.entries<Argument>(GLOBAL_FLAGS).map(([name, argument]) =>
      aliasesOf(argument).some((letter) => taken.has(letter))
        ? [name, { ...argument, alias: [] }]
        : [name, argument],
    ),
  );
}

type Row = readonly [left: string, right: string];

/** A heading and two aligned columns; a long left side gets a line of its own. Nothing for no rows. */
function section(title: string, rows: readonly Row[], look: HelpLook): readonly string[] {
  if (rows.length === 0) return [];
  const fitting = rows.map(([left]) => displayWidth(left)).filter((width) => width <= WIDEST_LEFT);
  const column = Math.max(0, ...fitting) + 2;
  const right = Math.max(24, look.width - 2 - column);
  const lines = rows.flatMap(([left, text]) => {
    const [first = "", ...rest] = wrapText(text, right);
    const gap = " ".repeat(2 + column);
    const head =
      displayWidth(left) > WIDEST_LEFT ? [`  ${left}`, gap + first] : [`  ${padTo(left, column)}${first}`];
    return [...head, ...rest.map((line) => gap + line)];
  });
  return ["", look.style.bold(`${title}:`), ...lines.map((line) => line.trimEnd())];
}

const WIDEST_LEFT = 34;

function commandRows(table: CommandTable): readonly Row[] {
  return Object.entries(table).flatMap(([name, { summary, hidden }]) =>
    hidden === true ? [] : [[name, summary] as const],
  );
}

function flagRows(flags: FlagTable): readonly Row[] {
  return Object.entries(flags)
    .filter(([, { hidden }]) => hidden !== true)
    .map(([name, argument]) => [flagForm(name, argument), flagText(name, argument)]);
}

/** `-c, --config FILE`; room is left where there is no short form, so that the long ones align. */
function flagForm(name: string, argument: Argument): string {
  const [short] = aliasesOf(argument);
  const long = isNegated(argument) ? `--no-${name}` : `--${name}`;
  const value = argument.type === "boolean" ? "" : ` ${argument.valueHint ?? "VALUE"}`;
  return `${short === undefined ? "    " : `-${short}, `}${long}${value}`;
}

function flagText(name: string, argument: Argument): string {
  const negative = argument.type === "boolean" ? argument.negativeDescription : undefined;
  const options = argument.type === "enum" ? `: ${(argument.options ?? []).join(", ")}` : "";
  const preset = argument.default === undefined ? "" : ` (default ${argument.default})`;
  const variable = variableOf(name, argument);
  const text = `${argument.description ?? negative ?? ""}${options}${preset}`;
  return variable === undefined ? text : `${text} [${variable}]`;
}

/** One row a number: usage and config mistakes share theirs. */
function exitRows(kinds: readonly ExitKind[]): readonly Row[] {
  const rows = new Map(kinds.map((kind) => [EXIT_CODES[kind].code, EXIT_CODES[kind].meaning]));
  return [...rows].sort(([a], [b]) => a - b).map(([code, meaning]) => [String(code), meaning]);
}
