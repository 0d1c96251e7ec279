/** Changes single keys of a repository's own config, under git's lock; every other byte of the file stays. */
import { readFileSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";

import { fromSystem, LullError, systemCode } from "../../base/errors.ts";
import { commonDirectory } from "../refs/common-directory.ts";
import { takeLockFile } from "../refs/lock-file.ts";
import type { KeyParts } from "./git-config.ts";
import { splitKey } from "./git-config.ts";
import type { ConfigEntry } from "./parse-config.ts";
import { parseConfig } from "./parse-config.ts";

export type ConfigChange = { readonly key: string; readonly value: string };

/** Config edits are short; git itself does not wait, but two lull commands may meet here. */
const WAIT_MS = 1000;

/**
 * Sets each key to one value, in one atomic step. Does not touch the file when it says all that already.
 * @throws LullError `CONFIG_LOCKED`; `GIT_CONFIG_INVALID`; `GIT_CONFIG_MULTIPLE` when a key has several values;
 *   `GIT_CONFIG_KEY` (kind `usage`) when a key or value cannot be written
 */
export function editConfig(gitDirectory: string, changes: readonly ConfigChange[]): void {
  for (const { key, value } of changes) refuseUnwritable(key, value);
  const file = resolveLink(join(commonDirectory(gitDirectory), "config"));
  using lock = takeLockFile(file, { waitMs: WAIT_MS, gitDirectory, ...modeOf(file) });
  const before = readText(file);
  const after = changes.reduce((text, change) => setInText(text, change, file), before);
  if (after === before) return;
  lock.write(Buffer.from(after, "latin1"));
  lock.commit();
}

/** The pure half: returns the text (latin1) with one key set. */
export function setInText(text: string, { key, value }: ConfigChange, origin: string): string {
  const wanted = splitKey(key);
  const parsed = parseConfig(text, origin);
  const matches = parsed.entries.filter((entry) => isSameKey(entry, wanted));
  if (matches.length > 1) throw multipleValues(key, origin);
  const [present] = matches;
  if (present !== undefined) {
    return present.value === value ? text : replaceValue(text, present, quoteValue(value));
  }
  const line = `\t${key.slice(key.lastIndexOf(".") + 1)} = ${quoteValue(value)}`;
  const section = parsed.sections.findLast((candidate) => isSameSection(candidate, wanted));
  if (section !== undefined) return `${text.slice(0, section.end)}\n${line}${restOfLine(text, section.end)}`;
  const gap = text === "" || text.endsWith("\n") ? "" : "\n";
  return `${text}${gap}${header(wanted)}\n${line}\n`;
}

function replaceValue(text: string, entry: ConfigEntry, value: string): string {
  const assignment = entry.value === undefined ? ` = ${value}` : value;
  return text.slice(0, entry.valueStart) + assignment + text.slice(entry.valueEnd);
}

/** A section that ends with the file may lack its line break. */
function restOfLine(text: string, from: number): string {
  const rest = text.slice(from);
  return rest === "" ? "\n" : rest;
}

function header({ section, subsection }: KeyParts): string {
  if (subsection === undefined) return `[${section}]`;
  return `[${section} "${encode(subsection).replaceAll(/["\\]/g, String.raw`\$&`)}"]`;
}

/** As git's write_pair: quoted only where the value would else be read differently. */
function quoteValue(value: string): string {
  const escaped = encode(value)
    .replaceAll(/["\\]/g, String.raw`\$&`)
    .replaceAll("\n", String.raw`\n`)
    .replaceAll("\t", String.raw`\t`);
  return /^ | $|[;#\r]/.test(value) ? `"${escaped}"` : escaped;
}

function encode(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

function isSameSection(a: Omit<KeyParts, "name">, b: Omit<KeyParts, "name">): boolean {
  return a.section === b.section && a.subsection === b.subsection;
}

function isSameKey(a: KeyParts, b: KeyParts): boolean {
  return a.name === b.name && isSameSection(a, b);
}

function refuseUnwritable(key: string, value: string): void {
  const { section, subsection = "", name } = splitKey(key);
  const valid = /^[-a-z0-9]+$/.test(section) && /^[a-z][-a-z0-9]*$/.test(name) && !/[\n\0]/.test(subsection);
  if (valid && !value.includes("\0")) return;
  throw new LullError({
    kind: "usage",
    code: "GIT_CONFIG_KEY",
    message: `cannot write ${JSON.stringify(key)} = ${JSON.stringify(value)} into a git config`,
    hint: "a key is section.name or section.subsection.name, without line breaks",
  });
}

/** A linked config is edited where it really is, as git does. */
function resolveLink(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

function modeOf(file: string): { readonly mode?: number } {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? {} : { mode: stat.mode & 0o777 };
}

function readText(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return "";
    throw fromSystem(error, `read git config ${file}`);
  }
}

function multipleValues(key: string, file: string): LullError {
  return new LullError({
    kind: "config",
    code: "GIT_CONFIG_MULTIPLE",
    message: `${key} has several values in ${file}; lull does not choose between them`,
    hint: `leave one of them: git config --file ${file} --edit`,
    data: { file, key },
  });
}
