/** The configuration as the engine asks it: typed values by key, the last one wins. */
import { LullError } from "../../base/errors.ts";
import type { ConfigEntry } from "./parse-config.ts";

export type ConfigScope = "system" | "global" | "local";

export type ScopedEntry = ConfigEntry & { readonly scope: ConfigScope; readonly file: string };

/** Keys are `section.name` or `section.subsection.name`; section and name in any case, the subsection exactly. */
export type GitConfig = {
  readonly entries: readonly ScopedEntry[];
  /** Returns the last value; a name without `=` gives "". */
  get(key: string): string | undefined;
  getAll(key: string): readonly string[];
  /** @throws LullError `GIT_CONFIG_INVALID` when the value is no boolean; likewise `integer`. */
  boolean(key: string): boolean | undefined;
  /** Whole numbers with git's suffixes k, m and g (powers of 1024). */
  integer(key: string): number | undefined;
  /** A path, with `~/` for the home folder. */
  path(key: string): string | undefined;
  /** The subsections of a section in order of appearance: the remotes' names for `remote`. */
  subsections(section: string): readonly string[];
};

export function createGitConfig(entries: readonly ScopedEntry[], home: string | undefined): GitConfig {
  const byKey = new Map<string, ScopedEntry[]>();
  for (const entry of entries) {
    const key = normalKey(entry);
    const known = byKey.get(key);
    if (known === undefined) byKey.set(key, [entry]);
    else known.push(entry);
  }
  const all = (key: string): readonly ScopedEntry[] => byKey.get(normalKey(splitKey(key))) ?? [];
  const last = <T>(key: string, convert: (entry: ScopedEntry) => T): T | undefined => {
    const entry = all(key).at(-1);
    return entry === undefined ? undefined : convert(entry);
  };
  return {
    entries,
    get: (key) => last(key, (entry) => entry.value ?? ""),
    getAll: (key) => all(key).map((entry) => entry.value ?? ""),
    boolean: (key) => last(key, (entry) => parseBoolean(entry.value) ?? invalid(key, entry, "no boolean")),
    integer: (key) =>
      last(key, (entry) => parseInteger(entry.value ?? "") ?? invalid(key, entry, "no number")),
    path: (key) => last(key, (entry) => expandHome(entry.value ?? "", home)),
    subsections: (section) => {
      const wanted = entries.filter((entry) => entry.section === section.toLowerCase());
      return [...new Set(wanted.flatMap((entry) => entry.subsection ?? []))];
    },
  };
}

export type KeyParts = Pick<ConfigEntry, "section" | "subsection" | "name">;

/** `remote.a.b.url` → section `remote`, subsection `a.b`, name `url`. */
export function splitKey(key: string): KeyParts {
  const first = key.indexOf(".");
  const last = key.lastIndexOf(".");
  return {
    section: key.slice(0, first).toLowerCase(),
    subsection: first === last ? undefined : key.slice(first + 1, last),
    name: key.slice(last + 1).toLowerCase(),
  };
}

/** Returns undefined when the text is no boolean. A name without `=` is true, an empty value false, as in git. */
export function parseBoolean(value: string | undefined): boolean | undefined {
  if (value === undefined || /^(?:true|yes|on)$/i.test(value)) return true;
  if (value === "" || /^(?:false|no|off)$/i.test(value)) return false;
  const number = parseInteger(value);
  return number === undefined ? undefined : number !== 0;
}

/** Returns undefined when the text is no whole number or too large to be exact. */
export function parseInteger(value: string): number | undefined {
  const match = /^[ \t\n\r\v\f]*([-+]?)(0x[0-9a-f]+|[0-9]+)([kmg]?)$/i.exec(value);
  if (match === null) return undefined;
  const [, sign, digits = "", unit = ""] = match;
  const octal = /^0[0-7]+$/.test(digits);
  if (!octal && /^0[0-9]/.test(digits)) return undefined;
  const factor = { "": 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 }[unit.toLowerCase()] ?? 1;
  const number = (octal ? Number.parseInt(digits, 8) : Number(digits)) * factor * (sign === "-" ? -1 : 1);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** Replaces a leading `~/`; `~user` is left as it is. */
export function expandHome(path: string, home: string | undefined): string {
  return home !== undefined && (path === "~" || path.startsWith("~/")) ? home + path.slice(1) : path;
}

/** NUL cannot stand in a config file's names. */
function normalKey({ section, subsection, name }: KeyParts): string {
  return `${section}\0${subsection ?? "\0"}\0${name}`;
}

function invalid(key: string, entry: ScopedEntry, what: string): never {
  throw new LullError({
    kind: "config",
    code: "GIT_CONFIG_INVALID",
    message: `${key} in ${entry.file} is ${what}: ${JSON.stringify(entry.value ?? "")}`,
    hint: `set it right with: git config --file ${entry.file} ${key} <value>`,
    data: { file: entry.file, key },
  });
}
