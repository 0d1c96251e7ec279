/** Reads the file of one app, built-in or a person's own, into its definition. */
import * as v from "valibot";

import { LullError } from "../base/errors.ts";
import { APP_SYSTEMS, type AppDefinition, type AppPlace } from "./app-definition.ts";
import { type AppFile, appSchema } from "./app-schema.ts";
import type { FileKind } from "./file-kind.ts";
import { type FileFormat, parseDocument } from "./parse-document.ts";
import { checkedText, readBytes } from "./read-text.ts";

const APP_FILE: FileKind = {
  code: "APP_INVALID",
  noun: "app definition",
  line: "name: My App",
  hint: "correct the file, then look at it with `lull apps show <app>`",
};

const EXAMPLES: Readonly<Record<string, string>> = {
  at: "write `$XDG_CONFIG_HOME/app`, or `{ linux: …, macos: …, windows: … }`",
  places: "write a list: `- { at: $XDG_CONFIG_HOME/app, files: [config.toml, themes/] }`",
  files: "write `[config.toml, themes/]`",
  exclude: 'write `["**/cache/**"]`',
  encrypt: "write `[token.json]`",
  preferences: "write `[com.example.App]`",
  programs: "write `[app]`",
  running: "write `{ linux: [app], macos: [App], windows: [App.exe] }`",
  hints: "write `{ quit: Quit the app first. }`",
};

/** A lone `~` is YAML's word for nothing. */
const QUOTED_HOME = 'the home folder alone is written in quotes: `"~"`';

const OF_A_PLACE: readonly string[] = ["at", "as", "files", "exclude", "encrypt"];
const SYSTEMS: readonly string[] = APP_SYSTEMS;

const FORMAT: FileFormat = {
  kind: APP_FILE,
  schema: appSchema,
  advice: {
    exampleFor: (path, value) =>
      value === null && path.includes("at") ? QUOTED_HOME : EXAMPLES[String(path.at(-1))],
    otherPlace: (key, group) => {
      if (group.length === 0 && OF_A_PLACE.includes(key)) return "it belongs to one of `places`";
      if (group.length > 0 && SYSTEMS.includes(key)) return "systems are told apart by `at` and `running`";
      return undefined;
    },
  },
};

/**
 * @param path of the file; its name without `.yaml` is the app's id
 * @throws LullError `APP_INVALID`, `BAD_APP_NAME` (both kind `config`)
 */
export function parseAppFile(text: string, path: string): AppDefinition {
  const id = idOf(path);
  const { value } = parseDocument(text, path, FORMAT);
  return definition(id, v.parse(appSchema, value));
}

/** As `parseAppFile`, also by the system's code. */
export function readAppFile(path: string): AppDefinition {
  return parseAppFile(checkedText(readBytes(path, APP_FILE), path, APP_FILE), path);
}

const ID = /^[a-z0-9][a-z0-9-]{0,63}$/;

function idOf(path: string): string {
  const file = path.split(/[/\\]/).at(-1) ?? "";
  const id = file.replace(/\.ya?ml$/, "");
  if (ID.test(id)) return id;
  throw new LullError({
    kind: "config",
    code: "BAD_APP_NAME",
    message: `${path}: "${id}" can name no app`,
    causes: ["a name has lower-case letters, digits and `-`, at most 64"],
    hint: `rename the file, for instance to ${suggestion(id)}.yaml`,
    data: { file: path },
  });
}

function suggestion(id: string): string {
  const plain = id
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  return plain === "" ? "my-app" : plain.slice(0, 64);
}

function definition(id: string, file: AppFile): AppDefinition {
  const { name, about = "", places = [], preferences = [], programs = [], running = {}, hints = {} } = file;
  return {
    id,
    name,
    about,
    places: places.map(placeOf),
    preferences,
    programs,
    running: {
      linux: running.linux ?? [],
      macos: running.macos ?? [],
      windows: running.windows ?? [],
    },
    hints: {
      ...(hints.quit === undefined ? {} : { quit: hints.quit }),
      ...(hints.reload === undefined ? {} : { reload: hints.reload }),
    },
  };
}

function placeOf({
  at,
  as = "",
  files = [],
  exclude = [],
  encrypt = [],
}: NonNullable<AppFile["places"]>[number]): AppPlace {
  return {
    at: typeof at === "string" ? { linux: at, macos: at, windows: at } : folders(at),
    as: as.replace(/\/$/, ""),
    files,
    exclude,
    encrypt,
  };
}

function folders(at: { readonly [System in keyof AppPlace["at"]]?: string | undefined }): AppPlace["at"] {
  return Object.fromEntries(Object.entries(at).filter(([, folder]) => folder !== undefined));
}
