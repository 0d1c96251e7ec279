/**
 * Printers: a use-case's result in, lines of text out. Pure; they know neither flags nor streams, and clean every
 * name that comes from outside.
 */
import type { Clock } from "../../base/clock.ts";
import type { Style, Symbols } from "../style.ts";

/** What a printer needs to know of the terminal and of the person's place and time. */
export type Look = {
  readonly style: Style;
  readonly symbols: Symbols;
  readonly clock: Clock;
  /** Columns of the terminal; undefined where lines go to a file or a program, which cut for themselves. */
  readonly width: number | undefined;
  /** The home folder, written as `~` in paths. */
  readonly home: string;
};
