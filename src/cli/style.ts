/** Colours and symbols, and when to use them. Pure. */
import type { CliIo } from "./cli-io.ts";

export type Style = {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
};

export type Symbols = {
  readonly done: string;
  readonly same: string;
  readonly attention: string;
  readonly failed: string;
  readonly skipped: string;
  readonly arrow: string;
  readonly more: string;
  /** Stands for what was left out of a text. */
  readonly cut: string;
};

export function createStyle(enabled: boolean): Style {
  const paint = (on: number, off: number) => (text: string) =>
    enabled && text !== "" ? `\u001B[${on}m${text}\u001B[${off}m` : text;
  return {
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
  };
}

/**
 * Decides on colour: the flag, then NO_COLOR (any value, https://no-color.org), then FORCE_COLOR, then whether the
 * stream is a terminal that can show it.
 */
export function wantsColor(
  env: CliIo["env"],
  stream: { readonly isTty: boolean; readonly flag: boolean | undefined },
): boolean {
  if (stream.flag !== undefined) return stream.flag;
  if ((env["NO_COLOR"] ?? "") !== "") return false;
  const forced = env["FORCE_COLOR"] ?? "";
  if (forced !== "") return forced !== "0" && forced !== "false";
  return stream.isTty && env["TERM"] !== "dumb";
}

const UNICODE: Symbols = {
  done: "✓",
  same: "·",
  attention: "!",
  failed: "✗",
  skipped: "-",
  arrow: "→",
  more: "…",
  cut: "…",
};
/** One column each, as the others, so that what stands behind them aligns. */
const ASCII: Symbols = {
  done: "+",
  same: ".",
  attention: "!",
  failed: "x",
  skipped: "-",
  arrow: ">",
  more: "~",
  cut: "..",
};

/** Symbols that the locale can show; without any locale (cron, containers) plain ASCII. */
export function symbolsFor(env: CliIo["env"]): Symbols {
  const locale = [env["LC_ALL"], env["LC_CTYPE"], env["LANG"]].find((value) => (value ?? "") !== "") ?? "";
  // Windows has no locale variables; its Terminal announces itself and shows UTF-8.
  const unicode = /utf-?8/i.test(locale) || (locale === "" && (env["WT_SESSION"] ?? "") !== "");
  return unicode ? UNICODE : ASCII;
}
