import type { SourceSavepoints } from "../../app/list-savepoints.ts";
import { safeText } from "../../base/safe-text.ts";
import type { WentBack } from "../../app/go-back.ts";
import { alignColumns, count, hangingLines } from "../text-layout.ts";
import type { Look } from "./look.ts";
import { runningLines } from "./running.ts";
import { localTime, timeAgo } from "./times.ts";

/** How many are shown of each source unless all are asked for. */
const SHOWN = 10;

export function savepointLines(
  sources: readonly SourceSavepoints[],
  { all }: { readonly all: boolean },
  look: Look,
): readonly string[] {
  const found = sources.filter(({ savepoints }) => savepoints.length > 0);
  if (found.length === 0) return ["No savepoints yet: each sync that changes something takes one first."];
  const { style, clock } = look;
  const head = ["SOURCE", "SAVEPOINT", "TAKEN", "BEFORE"].map((title) => style.dim(title));
  const rows = found.flatMap(({ source, savepoints }) =>
    (all ? savepoints : savepoints.slice(0, SHOWN)).map(({ name, takenAt, before, index }) => [
      style.bold(safeText(source)),
      safeText(name),
      `${localTime(takenAt, clock)} (${timeAgo(takenAt, clock)})`,
      `${safeText(before)}${index === undefined ? "" : ", with what was staged"}`,
    ]),
  );
  const hidden = found.reduce((sum, { savepoints }) => sum + Math.max(0, savepoints.length - SHOWN), 0);
  return [
    ...alignColumns([head, ...rows]),
    ...(all || hidden === 0 ? [] : [style.dim(`and ${hidden} older ones: --all`)]),
    "",
    "Go back to one: lull rollback SOURCE --to SAVEPOINT   Take back the last sync: lull undo SOURCE",
  ];
}

const SIGNS = { added: "+", changed: "~", removed: "-" } as const;
/** More names than this only scroll away; --verbose shows them all. */
const MOST_FILES = 20;

/** Whoever staged a part of a file wants to know where that part is. */
function stagedLines({ target }: WentBack, { width }: Look): readonly string[] {
  if (target.staged === undefined) return [];
  return hangingLines(
    "  ",
    `What was staged then is not staged again: git show ${target.staged.slice(0, 10)}`,
    width,
  );
}

export function wentBackLines(
  done: WentBack,
  { kind, verbose }: { readonly kind: "undo" | "rollback" | "restore"; readonly verbose: boolean },
  look: Look,
): readonly string[] {
  const { style, symbols, clock, width } = look;
  const { source, target, files, left, reopened, keptFirst, dryRun, savepoint } = done;
  const state = `${target.savepoint === undefined ? "" : `savepoint ${safeText(target.savepoint)}, `}${localTime(target.at, clock)}`;
  const leftLines = left.flatMap((path) =>
    hangingLines(
      `${style.yellow(symbols.attention)} `,
      `${safeText(path)} stays: it was changed since`,
      width,
    ),
  );
  const reopenedLines = reopened.flatMap((path) =>
    hangingLines(
      `${style.yellow(symbols.attention)} `,
      `The conflict in ${safeText(path)} ${dryRun ? "would be" : "is"} open again: lull conflicts ${safeText(source)}`,
      width,
    ),
  );
  const refusedLines = (done.refused ?? []).flatMap(({ path, reason }) =>
    hangingLines(`${style.yellow(symbols.attention)} `, `${safeText(path)}: ${safeText(reason)}`, width),
  );
  if (files.length === 0 && reopened.length + refusedLines.length > 0)
    return [...leftLines, ...refusedLines, ...reopenedLines];
  if (files.length === 0) {
    const why =
      kind === "undo"
        ? `The last sync of ${safeText(source)} only sent your own changes; no file here came from it. To go to an earlier state: lull savepoints ${safeText(source)}`
        : `${safeText(source)} is already as it was then (${state})`;
    return [
      ...leftLines,
      ...hangingLines("", left.length === 0 ? why : "Nothing else is to be taken back", width),
    ];
  }
  const verb = dryRun ? "Would bring back" : "Brought back";
  const shown = verbose ? files : files.slice(0, MOST_FILES);
  return [
    ...hangingLines(
      dryRun ? "" : `${style.green(symbols.done)} `,
      `${verb} ${count(files.length, "file")} of ${safeText(source)} ${kind === "undo" ? `as before ${safeText(target.before ?? "")} of ${localTime(target.at, clock)}` : `as of ${state}`}`,
      width,
    ),
    ...shown.map(({ path, change }) => `  ${SIGNS[change]} ${safeText(path)}`),
    ...(shown.length < files.length ? [`  and ${files.length - shown.length} more`] : []),
    ...leftLines,
    ...refusedLines,
    ...runningLines(done.running, look),
    ...reopenedLines,
    ...(keptFirst === 0
      ? []
      : hangingLines(
          "  ",
          `${count(keptFirst, "local change")} of yours ${dryRun ? "would be" : keptFirst === 1 ? "was" : "were"} committed first`,
          width,
        )),
    ...stagedLines(done, look),
    ...(savepoint === undefined || dryRun
      ? []
      : hangingLines(
          "  ",
          `To take this back: lull undo ${safeText(source)}.${done.commit === undefined ? "" : " The next sync sends it to the others."}`,
          width,
        )),
  ];
}
