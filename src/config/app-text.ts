import { APP_SYSTEMS, type AppDefinition, type AppPlace } from "./app-definition.ts";
import { writePlainYaml } from "./plain-yaml.ts";

/** The file that says what a definition says, for a person to begin an own one from; the id is the file's name. */
export function appText(app: AppDefinition): string {
  const { name, about, places, preferences, programs, running, hints } = app;
  return writePlainYaml({
    name,
    ...(about === "" ? {} : { about }),
    ...filled({ places: places.map(placeText), preferences, programs }),
    ...filledGroup("running", filled(running)),
    ...filledGroup("hints", hints),
  });
}

function placeText({ at, as, files, exclude, encrypt }: AppPlace): object {
  const [first] = Object.values(at);
  const isEverywhere = APP_SYSTEMS.every((system) => at[system] === first);
  return {
    at: isEverywhere ? first : at,
    ...(as === "" ? {} : { as }),
    ...filled({ files, exclude, encrypt }),
  };
}

function filled(lists: Readonly<Record<string, readonly unknown[]>>): object {
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0));
}

function filledGroup(key: string, group: object): object {
  return Object.keys(group).length === 0 ? {} : { [key]: group };
}
