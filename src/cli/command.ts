/**
 * What a command is made of: citty's definition of its arguments, plus what citty does not know (examples, exit
 * codes, repeated positionals), so that the parser, the help and the reference all read the same data.
 */
import type { ArgDef, CommandContext, CommandDef, CommandMeta } from "citty";

import type { ErrorKind } from "../base/errors.ts";
import type { Session } from "./session.ts";

export type ExitKind = ErrorKind | "ok";

/** A flag or positional as citty has it; `variadic` marks a last positional that may be given many times. */
export type Argument = ArgDef & {
  readonly variadic?: boolean;
  /** Not for people: no help text and no "did you mean" names it. */
  readonly hidden?: boolean;
};
export type FlagTable = Readonly<Record<string, Argument>>;

export type CommandText = CommandMeta & {
  /** All words after `lull`: `config show`. */
  readonly name: string;
  /** Paragraphs below the summary. */
  readonly details?: readonly string[];
  readonly examples: readonly { readonly command: string; readonly does: string }[];
  /** It reads a secret: a word too many may be that secret, and is not repeated. */
  readonly takesSecret?: boolean;
  /** Ways in which the command can end besides `ok`, `failed` and `usage`, which every command has. */
  readonly exits?: readonly ErrorKind[];
};

/** One line of help, and the way to the command itself, which is loaded only when it is needed. */
export type CommandEntry = {
  /** Imperative, one line, without full stop. */
  readonly summary: string;
  readonly aliases?: readonly string[];
  /** Not for people: no list and no "did you mean" names it. */
  readonly hidden?: boolean;
  readonly load: () => Promise<Command>;
};

export type CommandTable = Readonly<Record<string, CommandEntry>>;

export type Command = Omit<CommandDef, "meta" | "args" | "run"> & {
  readonly meta: CommandText;
  readonly args: Record<string, Argument>;
  readonly commands?: CommandTable;
  readonly run?: (context: CommandContext) => Promise<ExitKind>;
};

type ValueOf<A extends Argument> = A extends { variadic: true }
  ? readonly string[]
  : A extends { type: "boolean" }
    ? boolean
    : A extends { required: true } | { default: string }
      ? string
      : string | undefined;

/** Values of the declared arguments, by name. */
export type ValuesOf<A extends FlagTable> = { readonly [Name in keyof A]: ValueOf<A[Name]> };

/**
 * Defines a command. `run` gets exactly the declared values (the strict parser has checked them before) and
 * returns how it ended; undefined means `ok`.
 */
export function defineCommand<const A extends FlagTable>(definition: {
  readonly meta: CommandText;
  readonly args: A;
  readonly run: (session: Session, values: ValuesOf<A>) => Promise<ExitKind | undefined>;
}): Command {
  return {
    meta: definition.meta,
    args: definition.args,
    run: async ({ args, data }) =>
      (await definition.run(data as Session, readValues(definition.args, args))) ?? "ok",
  };
}

/** Defines a command that holds further commands: `lull config show`. With `own` it does something by itself too. */
export function defineGroup(definition: {
  readonly meta: CommandText;
  readonly commands: CommandTable;
  readonly own?: Pick<Command, "args" | "run">;
}): Command {
  return { args: {}, ...definition.own, meta: definition.meta, commands: definition.commands };
}

function readValues<A extends FlagTable>(declared: A, parsed: CommandContext["args"]): ValuesOf<A> {
  const words = parsed._;
  const values: Record<string, unknown> = {};
  let position = 0;
  for (const [name, argument] of Object.entries(declared)) {
    if (argument.type !== "positional")
      values[name] = argument.type === "boolean" ? parsed[name] === true : parsed[name];
    else if (argument.variadic === true) values[name] = words.slice(position);
    else values[name] = words[position++] ?? argument.default;
  }
  return values as ValuesOf<A>;
}
