import type { AdoptedFile, Adoption } from "../../app/settings/adopt-settings.ts";
import { formatByteSize } from "../../base/byte-size.ts";
import { safeText } from "../../base/safe-text.ts";
import { alignColumns, count, hangingLines } from "../text-layout.ts";
import type { Look } from "./look.ts";
import { runningLines } from "./running.ts";
import { timeAgo } from "./times.ts";

/** More names of one group than this only scroll away. */
const MOST_NAMED = 30;

/** What is where, in four groups. */
export function adoptionGroups(adoption: Adoption, look: Look): readonly string[] {
  const { style, clock } = look;
  const { same, onlyHere, onlyThere, different } = adoption;
  const title = (text: string, files: readonly AdoptedFile[], about: string): string =>
    `${style.bold(`${text} (${files.length})`)} ${style.dim(about)}`;
  const named = (files: readonly AdoptedFile[], row: (file: AdoptedFile) => readonly string[]): string[] => [
    ...alignColumns(files.slice(0, MOST_NAMED).map((file) => ["", safeText(file.path), ...row(file)])),
    ...(files.length > MOST_NAMED ? [`  and ${files.length - MOST_NAMED} more`] : []),
  ];
  const size = (bytes: number | undefined): string => (bytes === undefined ? "" : formatByteSize(bytes));
  const group = (lines: readonly string[], files: readonly AdoptedFile[]): readonly string[] =>
    files.length === 0 ? [] : [...lines, ""];
  return [
    ...group([title("The same", same, "here and there: nothing to do")], same),
    ...group(
      [
        title("Only here", onlyHere, "stays, and is gathered by the next sync"),
        ...named(onlyHere, ({ here }) => [size(here)]),
      ],
      onlyHere,
    ),
    ...group(
      [
        title("Only there", onlyThere, "your other devices have it"),
        ...named(onlyThere, ({ there }) => [size(there)]),
      ],
      onlyThere,
    ),
    ...group(
      [
        title("Different", different, "one of the two has to give way"),
        ...named(different, ({ here, there, changedHere }) => [
          `${size(here)} here${changedHere === undefined ? "" : `, changed ${timeAgo(changedHere, clock)}`}`,
          `${size(there)} there`,
        ]),
      ],
      different,
    ),
  ];
}

/** What was done, and what to do next. */
export function adoptedLines(adoption: Adoption, look: Look): readonly string[] {
  const { style, symbols, width } = look;
  const { source, taken, kept, left, savepoint, dryRun, onlyThere, different } = adoption;
  const name = safeText(source);
  const waiting = onlyThere.length + different.length - taken.length - kept.length - left.length;
  const lines = [
    ...(taken.length === 0
      ? []
      : [
          `${dryRun ? "Would take" : `${style.green(symbols.done)} Took`} ${count(taken.length, "file")} from there`,
        ]),
    ...(kept.length === 0
      ? []
      : [
          `${dryRun ? "Would keep" : `${style.green(symbols.done)} Kept`} ${count(kept.length, "file")} of this machine; the next sync sends ${kept.length === 1 ? "it" : "them"}`,
        ]),
    ...left.flatMap(({ path, reason }) =>
      hangingLines(`${style.yellow(symbols.attention)} `, `${safeText(path)}: ${safeText(reason)}`, width),
    ),
    ...runningLines(adoption.running, look),
    ...(savepoint === undefined
      ? []
      : [
          `What stood there is kept in the savepoint ${safeText(savepoint)}; lull undo ${name} takes it back.`,
        ]),
  ];
  if (onlyThere.length + different.length === 0)
    return [...lines, `Nothing to decide. Next: lull sync ${name}`];
  if (waiting <= 0) return [...lines, ...(dryRun ? ["Nothing was changed."] : [`Next: lull sync ${name}`])];
  return [
    ...lines,
    `${count(waiting, "file")} ${waiting === 1 ? "waits" : "wait"} for you; nothing in your home was changed. Decide with one of:`,
    ...alignColumns([
      ["", `lull adopt ${name} --take-remote-all`, "take what is there"],
      ["", `lull adopt ${name} --take-remote-all --except ~/.zshrc,vim`, "but keep some of this machine"],
      ["", `lull adopt ${name} --keep-local-all`, "keep what is here"],
    ]),
  ];
}
