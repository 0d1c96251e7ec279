/**
 * The apps that lull knows: the built-in ones and a person's own, which win. This folder owns what is said of each app
 * (`apps/*.yaml`); it must not know what is on a machine, nor what becomes of the files.
 */
import type { AppDefinition } from "../../config/app-definition.ts";
import { LullError } from "../../base/errors.ts";
import { nearestWord } from "../../base/nearest-word.ts";
import { type OwnApps, readOwnApps } from "./own-apps.ts";

export type Catalogue = {
  /** @throws LullError `UNKNOWN_APP` (kind `usage`) */
  find(id: string): AppDefinition;
  /** By id. */
  list(): readonly AppDefinition[];
  /** Whether the person's own definition counts, also in place of a built-in one. */
  isOwn(id: string): boolean;
};

export type CatalogueInput = {
  readonly builtIn: readonly AppDefinition[];
  readonly own: readonly AppDefinition[];
};

export function openCatalogue({ builtIn, own }: CatalogueInput): Catalogue {
  const apps = new Map([...builtIn, ...own].map((app) => [app.id, app]));
  const ownIds = new Set(own.map(({ id }) => id));
  const sorted = [...apps.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  return {
    find(id) {
      const app = apps.get(id);
      if (app === undefined) throw unknownApp(id, sorted);
      return app;
    },
    list: () => sorted,
    isOwn: (id) => ownIds.has(id),
  };
}

/**
 * @param folder of the person's own definitions; absent is fine
 * @returns the catalogue without the files that could not be read, and why they could not
 */
export async function loadCatalogue(
  folder: string,
): Promise<{ readonly catalogue: Catalogue; readonly problems: OwnApps["problems"] }> {
  const [{ BUILT_IN_APPS }, own] = await Promise.all([import("./built-in.ts"), readOwnApps(folder)]);
  return { catalogue: openCatalogue({ builtIn: BUILT_IN_APPS, own: own.apps }), problems: own.problems };
}

function unknownApp(id: string, apps: readonly AppDefinition[]): LullError {
  const meant =
    otherNames(id, apps) ??
    nearestWord(
      id,
      apps.map((app) => app.id),
    );
  return new LullError({
    kind: "usage",
    code: "UNKNOWN_APP",
    message: `there is no app named "${id}"`,
    hint:
      meant === undefined
        ? "`lull apps list --all-systems` shows all apps; what none of them has, `files:` of a settings source takes"
        : `did you mean "${meant}"? \`lull apps list\` shows all apps`,
  });
}

/** `Visual Studio Code` and `nvim` are what people call it, too. */
function otherNames(word: string, apps: readonly AppDefinition[]): string | undefined {
  const wanted = word.toLowerCase();
  const named = apps.find((app) => app.name.toLowerCase() === wanted);
  return (named ?? apps.find((app) => app.programs.includes(wanted)))?.id;
}
