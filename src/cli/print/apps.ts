import type { AddAppsResult } from "../../app/settings/add-apps.ts";
import type { AppList } from "../../app/settings/list-apps.ts";
import type { RemoveAppsResult } from "../../app/settings/remove-apps.ts";
import type { ShownApp, ShownPlace } from "../../app/settings/show-app.ts";
import { shortPath } from "../../app/user-path.ts";
import { formatByteSize } from "../../base/byte-size.ts";
import { safeText } from "../../base/safe-text.ts";
import { alignColumns, count, hangingLines, wrapColumns } from "../text-layout.ts";
import type { Look } from "./look.ts";

export const SYSTEMS = { linux: "Linux", macos: "macOS", windows: "Windows" } as const;

export function appListLines({ apps, elsewhere, system }: AppList, look: Look): readonly string[] {
  const { style, width } = look;
  const head = ["APP", "NAME", "ABOUT"].map((title) => style.dim(title));
  const rows = apps.map(({ id, name, about, isOwn, sources }) => [
    style.bold(safeText(id)),
    safeText(name),
    [
      ...(about === "" ? [] : [safeText(about)]),
      ...(isOwn ? ["your own definition"] : []),
      ...(sources.length === 0 ? [] : [`in ${sources.map(safeText).join(", ")}`]),
    ].join("; "),
  ]);
  return [
    ...wrapColumns([head, ...rows], width),
    "",
    `${count(apps.length, "app")}${elsewhere === 0 ? "" : `; ${elsewhere} more have no settings on ${SYSTEMS[system]} (--all-systems)`}`,
    "Which of them are here: lull apps detect",
  ];
}

/** More names than this only scroll away; --verbose shows them all. */
const MOST_FILES = 20;

export function shownAppLines(
  app: ShownApp,
  { verbose }: { readonly verbose: boolean },
  look: Look,
): readonly string[] {
  const { style, symbols, width } = look;
  const { files, places, preferences, hints } = app;
  const shown = verbose ? files : files.slice(0, MOST_FILES);
  const about = app.about === "" ? "" : ` (${safeText(app.about)})`;
  const facts: readonly (readonly string[])[] = [
    ["app", `${safeText(app.id)}${app.isOwn ? ", your own definition" : ""}`],
    ["systems", app.systems.map((system) => SYSTEMS[system]).join(", ")],
    ["program", app.program === undefined ? "none on PATH" : safeText(shortPath(app.program, look.home))],
    ["source", app.sources.length === 0 ? "none gathers it" : app.sources.map(safeText).join(", ")],
    ...Object.values(hints).map((hint) => ["hint", safeText(hint)]),
  ];
  return [
    `${style.bold(safeText(app.name))}${about}`,
    ...wrapColumns(
      facts.map(([key = "", value = ""]) => ["", style.dim(key), value]),
      width,
    ),
    "",
    ...(places.length + preferences.length === 0 ? ["It has no settings on this system."] : []),
    ...places.flatMap((place) => placeLines(place, look)),
    ...(preferences.length === 0
      ? []
      : hangingLines(`${style.bold("preferences")}  `, preferences.map(safeText).join(", "), width)),
    "",
    files.length === 0
      ? "Nothing of it is here."
      : style.bold(`Here: ${count(files.length, "file")}, ${formatByteSize(total(files))}`),
    ...alignColumns(
      shown.map(({ path, bytes, encrypt }) => [
        "",
        safeText(path),
        formatByteSize(bytes),
        encrypt ? "encrypted only" : "",
      ]),
    ),
    ...(shown.length < files.length ? [`  and ${files.length - shown.length} more: --verbose`] : []),
    ...app.unreadable.flatMap(({ path, reason }) =>
      hangingLines(`${style.yellow(symbols.attention)} `, `${safeText(path)}: ${safeText(reason)}`, width),
    ),
    ...(app.hasKey === false
      ? hangingLines(
          `${style.yellow(symbols.attention)} `,
          "This device has no key yet: what may be kept encrypted only stays out. `lull secret init` makes one.",
          width,
        )
      : []),
    ...(app.sources.length === 0 && files.length + preferences.length > 0
      ? [`Gather it: lull apps add ${safeText(app.id)}`]
      : []),
  ];
}

function placeLines(
  { root, files, exclude, encrypt }: ShownPlace,
  { style, width }: Look,
): readonly string[] {
  const list = (names: readonly string[]): string => names.map(safeText).join(", ");
  const rows = [
    ["gathered", list(files)],
    ["left out", list(exclude)],
    ["encrypted only", list(encrypt)],
  ].filter(([, names]) => names !== "");
  return [
    `${style.dim("in")} ${safeText(root)}`,
    ...wrapColumns(
      rows.map(([title = "", names = ""]) => ["", style.dim(title), names]),
      width,
    ),
  ];
}

function total(files: ShownApp["files"]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** More names of files that wait for a key than this would hide what was done. */
const MOST_WAITING = 5;

export function addedAppsLines(result: AddAppsResult, look: Look): readonly string[] {
  const { style, symbols, width } = look;
  const { source, created, added, already, sealed, noKey, dryRun } = result;
  const name = safeText(source);
  const done = dryRun ? "" : `${style.green(symbols.done)} `;
  const list = (apps: readonly string[]): string => apps.map(safeText).join(", ");
  const isChanged = added.length + sealed.length > 0;
  return [
    ...(created === undefined
      ? []
      : [
          `${done}${dryRun ? "Would make" : "Made"} the settings source ${style.bold(name)}`,
          `  remote  ${safeText(shortPath(created.remote, look.home))} (${created.from === "given" ? "as given" : "on this machine, made by lull"})`,
        ]),
    ...(added.length === 0
      ? []
      : hangingLines(done, `${dryRun ? "Would add" : "Added"} to ${name}: ${list(added)}`, width)),
    ...(sealed.length === 0
      ? []
      : hangingLines(
          done,
          `${dryRun ? "Would keep" : "Keeps"} encrypted from now on: ${list(sealed)}`,
          width,
        )),
    ...(already.length === 0 ? [] : hangingLines("", `In ${name} already: ${list(already)}`, width)),
    ...waitingLines(noKey, look),
    ...(created?.from === "local" && !dryRun
      ? [
          "To reach other machines, make an empty repository at a host, then:",
          `  lull config set sources.${name}.remote URL`,
        ]
      : []),
    ...(dryRun ? ["Nothing was changed."] : []),
    ...(isChanged && !dryRun ? nextLines(result, look) : []),
  ];
}

function nextLines({ source, created }: AddAppsResult, { style }: Look): readonly string[] {
  const name = safeText(source);
  if (created?.from !== "given") return [`Next: lull sync ${name}`];
  return [
    "Next, one of:",
    ...alignColumns([
      [`  lull sync ${name}`, style.dim("gather what is here")],
      [`  lull adopt ${name}`, style.dim("compare it with what your other devices have gathered there")],
    ]),
  ];
}

function waitingLines(noKey: readonly string[], { style, symbols, width }: Look): readonly string[] {
  if (noKey.length === 0) return [];
  const more = noKey.length - MOST_WAITING;
  return [
    ...hangingLines(
      `${style.yellow(symbols.attention)} `,
      `${count(noKey.length, "file")} may be kept encrypted only, and ${noKey.length === 1 ? "stays" : "stay"} out until \`lull secret init\` has made a key:`,
      width,
    ),
    ...noKey.slice(0, MOST_WAITING).map((path) => `    ${safeText(path)}`),
    ...(more > 0 ? [`    and ${more} more`] : []),
  ];
}

export function removedAppsLines(result: RemoveAppsResult, look: Look): readonly string[] {
  const { style, symbols, width } = look;
  const { source, removed, dryRun } = result;
  const done = dryRun ? "" : `${style.green(symbols.done)} `;
  const what = `${dryRun ? "Would take" : "Took"} out of ${safeText(source)}: ${removed.map(safeText).join(", ")}`;
  return [
    ...hangingLines(done, what, width),
    ...hangingLines("  ", "Their files here stay, and so do the copies in the repository.", width),
    ...(dryRun ? ["Nothing was changed."] : []),
  ];
}
