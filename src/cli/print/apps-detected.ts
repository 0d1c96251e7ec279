import type { DetectedApp, Detection, LeftOut } from "../../app/settings/detect-apps.ts";
import { formatByteSize } from "../../base/byte-size.ts";
import { safeText } from "../../base/safe-text.ts";
import { alignColumns, count, hangingLines } from "../text-layout.ts";
import { SYSTEMS } from "./apps.ts";
import type { Look } from "./look.ts";

/** More names than this only scroll away; --verbose shows them all. */
const MOST_NAMED = 10;

/** What is here, what would become of it, and the command to take in what is new. */
export function detectionLines(
  detection: Detection,
  { verbose }: { readonly verbose: boolean },
  look: Look,
): readonly string[] {
  const { style, width } = look;
  const { apps, known, system, sources } = detection;
  const having = apps.filter(hasSettings);
  const bare = apps.filter((app) => !hasSettings(app));
  const fresh = having.filter((app) => app.sources.length === 0);
  const most = verbose ? Number.POSITIVE_INFINITY : MOST_NAMED;
  return [
    style.bold(
      `${count(having.length, "app")} with settings on this machine (${SYSTEMS[system]}; looked for ${known})`,
    ),
    ...(having.length === 0 ? [] : table(having, look)),
    ...(bare.length === 0
      ? []
      : [
          "",
          ...hangingLines(
            "Installed, without settings yet: ",
            bare.map(({ id }) => safeText(id)).join(", "),
            width,
          ),
        ]),
    ...noKeyLines(detection.leftOut.noKey, most, look),
    ...unreadableLines(detection.leftOut.unreadable, most, look),
    "",
    ...hangingLines(
      "",
      "Only names, sizes and PATH were looked at: no file was opened, nothing was changed.",
      width,
    ),
    ...(fresh.length === 0
      ? [having.length === 0 ? "" : `All of them are gathered already (${sources.map(safeText).join(", ")}).`]
      : [
          "Each file of one: lull apps show APP   Take in what is new (or some of it):",
          `  lull apps add ${fresh.map(({ id }) => safeText(id)).join(" ")}${sources.length > 1 ? " --source NAME" : ""}`,
        ]),
  ].filter((line, index, lines) => line !== "" || index < lines.length - 1);
}

function hasSettings({ files, preferences }: DetectedApp): boolean {
  return files + preferences.length > 0;
}

function table(apps: readonly DetectedApp[], { style }: Look): readonly string[] {
  const head = ["APP", "NAME", "FILES", "SIZE", "ENCRYPTED ONLY", "SOURCE"].map((title) => style.dim(title));
  const rows = apps.map((app) => [
    style.bold(safeText(app.id)) + (app.isOwn ? "*" : ""),
    safeText(app.name),
    [
      ...(app.files === 0 ? [] : [`${app.files}`]),
      ...(app.preferences.length === 0 ? [] : ["preferences"]),
    ].join(" + "),
    app.files === 0 ? "" : formatByteSize(app.bytes),
    app.encrypted === 0 ? "" : `${app.encrypted}`,
    app.sources.length === 0 ? style.green("new") : app.sources.map(safeText).join(", "),
  ]);
  return [
    ...alignColumns([head, ...rows]),
    ...(apps.some(({ isOwn }) => isOwn) ? [style.dim("* your own definition")] : []),
  ];
}

function noKeyLines(files: readonly LeftOut[], most: number, look: Look): readonly string[] {
  if (files.length === 0) return [];
  const { style, symbols, width } = look;
  return [
    "",
    ...hangingLines(
      `${style.yellow(symbols.attention)} `,
      `${count(files.length, "file")} may be kept encrypted only, and this device has no key: ${files.length === 1 ? "it is" : "they are"} left out until \`lull secret init\` has made one.`,
      width,
    ),
    ...named(
      files.map(({ path, app }) => [safeText(path), safeText(app)]),
      most,
    ),
  ];
}

function unreadableLines(
  files: Detection["leftOut"]["unreadable"],
  most: number,
  { style, symbols, width }: Look,
): readonly string[] {
  if (files.length === 0) return [];
  return [
    "",
    ...hangingLines(
      `${style.yellow(symbols.attention)} `,
      `${count(files.length, "path")} can not be gathered:`,
      width,
    ),
    ...named(
      files.map(({ path, reason }) => [safeText(path), safeText(reason)]),
      most,
    ),
  ];
}

function named(rows: readonly (readonly string[])[], most: number): readonly string[] {
  const shown = rows.slice(0, most);
  return [
    ...alignColumns(shown.map((row) => ["", ...row])).map((line) => `  ${line}`),
    ...(shown.length < rows.length ? [`    and ${rows.length - shown.length} more: --verbose`] : []),
  ];
}
