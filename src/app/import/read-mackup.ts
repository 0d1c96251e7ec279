import { shortPath } from "../user-path.ts";
import type { KnownApps, Findings, ImportMeans, OwnApp, Remark } from "./import.ts";
import { LeftOut } from "./left-out.ts";
import { linkedInto } from "./linked-files.ts";
import { type DefinedApp, readDefinedApps } from "./mackup-apps.ts";
import { catalogueNames } from "./mackup-names.ts";
import { type MackupSettings, readMackupSettings, settingsFiles } from "./mackup-settings.ts";
import { notSetUp } from "./not-set-up.ts";
import { readable } from "./readable.ts";

/** @throws LullError `NOTHING_TO_IMPORT`, `IMPORT_UNREADABLE` */
export function readMackup(means: ImportMeans, known: KnownApps): Findings {
  const leftOut = new LeftOut();
  const settings = readMackupSettings(means);
  const defined = readDefinedApps(means, settings.storage, leftOut);
  const { storage } = settings;
  const hasStorage = storage !== undefined && means.files.kindBehind(storage) === "folder";
  if (settings.file === undefined && defined.length === 0 && !hasStorage) {
    throw notSetUp("mackup", settingsFiles(means), means.home);
  }
  const chosen = chooseApps(known, { settings, defined }, leftOut);
  const links =
    storage === undefined
      ? []
      : (readable(leftOut, () => linkedInto(means.files, storage, means.home)) ?? []);
  return {
    found: foundLines(means, settings, defined),
    settings: { apps: chosen.map(({ id }) => id), files: [] },
    repositories: [],
    apps: chosen.flatMap(({ own }) => own ?? []),
    leftOut: leftOut.remarks(),
    steps: stepsOf(links, settings),
    foreignRemotes: [],
  };
}

type Chosen = { readonly id: string; readonly own: OwnApp | undefined };
type Known = { readonly settings: MackupSettings; readonly defined: readonly DefinedApp[] };

function chooseApps(known: KnownApps, { settings, defined }: Known, leftOut: LeftOut): readonly Chosen[] {
  const ignored = new Set(settings.toIgnore);
  const isWanted = (name: string): boolean =>
    !ignored.has(name) && (settings.toSync.length === 0 || settings.toSync.includes(name));
  const own = defined.filter(({ mackupName }) => isWanted(mackupName));
  const ofCatalogue =
    settings.toSync.length === 0
      ? appsOfThisMachine(known, settings.toIgnore, leftOut)
      : settings.toSync
          .filter((name) => isWanted(name) && !defined.some(({ mackupName }) => mackupName === name))
          .flatMap((name) => knownAs(known, name, leftOut));
  const chosen = new Map<string, Chosen>();
  for (const { app } of own) if (app !== undefined) chosen.set(app.id, { id: app.id, own: app });
  for (const id of ofCatalogue) if (!chosen.has(id)) chosen.set(id, { id, own: undefined });
  return [...chosen.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** mackup without a list takes whatever it knows; lull takes what is on this machine. */
function appsOfThisMachine(
  known: KnownApps,
  toIgnore: readonly string[],
  leftOut: LeftOut,
): readonly string[] {
  leftOut.add(
    "mackup takes every app that it knows, as no list says which; lull takes those of its own catalogue that are on this machine now, and further ones when you name them in `apps`",
  );
  const ignored = new Set(toIgnore.flatMap(catalogueNames));
  return known.here().filter((id) => !ignored.has(id));
}

function knownAs(known: KnownApps, name: string, leftOut: LeftOut): readonly string[] {
  const id = catalogueNames(name).find((candidate) => known.knows(candidate));
  if (id !== undefined) return [id];
  leftOut.add(
    "apps that lull's catalogue does not have; name their files in `files`, or describe them in ~/.config/lull/apps",
    name,
  );
  return [];
}

function foundLines(
  means: ImportMeans,
  { file, engine, storage, toSync, toIgnore }: MackupSettings,
  defined: readonly DefinedApp[],
): readonly string[] {
  const short = (path: string): string => shortPath(path, means.home);
  const lists = [
    toSync.length === 0 ? "all apps" : `${toSync.length} apps by name`,
    ...(toIgnore.length === 0 ? [] : [`${toIgnore.length} left out`]),
    ...(defined.length === 0 ? [] : [`${defined.length} of your own`]),
  ];
  return [
    `mackup's settings: ${file === undefined ? "none, so its defaults" : short(file)} (${lists.join(", ")})`,
    storage === undefined
      ? `its storage (${engine}) is not on this machine`
      : `its storage: ${short(storage)} (${engine})`,
  ];
}

function stepsOf(links: readonly string[], { storage }: MackupSettings): readonly Remark[] {
  const uninstall = "`mackup link uninstall` (older versions: `mackup uninstall`)";
  const linked: readonly Remark[] =
    links.length === 0
      ? []
      : [
          {
            text: `before the first sync, turn links into mackup's storage back into files with ${uninstall}: lull keeps copies, and of a link it would keep only where it leads`,
            names: links.map((path) => `~/${path}`),
          },
        ];
  const unseen: readonly Remark[] =
    storage === undefined
      ? [
          {
            text: `links into mackup's storage could not be looked for; if there are any, turn them back first: ${uninstall}`,
            names: [],
          },
        ]
      : [];
  return [
    ...linked,
    ...unseen,
    {
      text: "then leave `mackup backup` and `mackup restore` alone: two tools on the same files undo each other's work",
      names: [],
    },
  ];
}
