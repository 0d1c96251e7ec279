import type { Clock } from "../base/clock.ts";
import type { CliIo } from "./cli-io.ts";
import type { GlobalFlags } from "./global-flags.ts";
import { createProgress, noProgress, type Progress } from "./progress.ts";
import { createStyle, symbolsFor, wantsColor, type Style, type Symbols } from "./style.ts";
import { alignColumns } from "./text-layout.ts";

/**
 * Where a command's words go. stdout carries data: text for people, or exactly one JSON document with `--json`;
 * everything else is stderr. Printers clean text from outside with `safeText` before it comes here.
 */
export type Output = {
  readonly json: boolean;
  readonly quiet: boolean;
  /** Columns right now: a terminal may change its size. */
  readonly width: number;
  readonly style: Style;
  readonly symbols: Symbols;
  /** What was asked for; shown with `--quiet` too. */
  print(lines: readonly string[]): void;
  /** `print` with aligned columns. */
  table(rows: readonly (readonly string[])[]): void;
  /** What was done, next steps: text that `--quiet` and `--json` leave out. */
  say(lines: readonly string[]): void;
  /** The result as JSON, with the version of the contract. */
  document(content: Readonly<Record<string, unknown>>): void;
  /** A line of log or error text on stderr. */
  log(line: string): void;
  readonly progress: Progress;
};

/** The version of the JSON documents; fields may join, but none changes its meaning without a new number. */
export const JSON_VERSION = 1;

/** What a file or pipe is laid out for. */
const DEFAULT_WIDTH = 80;

export function createOutput(
  io: CliIo,
  flags: Pick<GlobalFlags, "json" | "quiet" | "color">,
  clock: Clock,
): Output {
  const widthNow = (): number => io.width ?? DEFAULT_WIDTH;
  const errorTty = io.stderrIsTty ?? io.isTty;
  const progress =
    errorTty && !flags.quiet && !flags.json && io.env["TERM"] !== "dumb"
      ? createProgress({ write: (text) => io.stderr(text), width: widthNow, clock })
      : noProgress;
  const print = (lines: readonly string[]): void => {
    progress.clear();
    if (!flags.json && lines.length > 0) io.stdout(`${lines.join("\n")}\n`);
  };
  return {
    json: flags.json,
    quiet: flags.quiet,
    get width() {
      return widthNow();
    },
    style: createStyle(wantsColor(io.env, { isTty: io.isTty, flag: flags.color })),
    symbols: symbolsFor(io.env),
    print,
    table: (rows) => print(alignColumns(rows)),
    say: (lines) => {
      if (!flags.quiet) print(lines);
    },
    document: (content) => {
      progress.clear();
      io.stdout(`${JSON.stringify({ version: JSON_VERSION, ...content }, undefined, 2)}\n`);
    },
    log: (line) => {
      progress.clear();
      io.stderr(`${line}\n`);
    },
    progress,
  };
}
