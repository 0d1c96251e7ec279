/** Reads a file that persons write and refuses what no person writes, before a parser sees it. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";

import { fromSystem, LullError, systemCode } from "../base/errors.ts";
import { CONFIG_FILE, type FileKind } from "./file-kind.ts";

/** Two thousand sources fit; a larger file is a mistake. */
export const LARGEST_CONFIG = 1024 * 1024;
/** Deeper nesting means nothing in this schema, and the parser's time grows with its square. */
const DEEPEST = 40;

/** @throws LullError `CONFIG_MISSING`, `CONFIG_INVALID` (both kind `config`), or by the system's code */
export function readConfigText(file: string): string {
  return checkedText(readConfigBytes(file), file);
}

/** The file as it stands; only its size is looked at. Throws as `readConfigText`. */
export function readConfigBytes(file: string): Uint8Array {
  return readBytes(file, CONFIG_FILE);
}

/** @throws LullError the kind's code (kind `config`), `CONFIG_MISSING`, or by the system's code */
export function readBytes(file: string, kind: FileKind): Uint8Array {
  let handle: number;
  try {
    handle = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (kind === CONFIG_FILE && systemCode(error) === "ENOENT") throw missing(file);
    throw fromSystem(error, `read ${file}`);
  }
  try {
    const stat = fstatSync(handle);
    if (!stat.isFile()) throw refused(kind, file, "is no regular file");
    if (stat.size > LARGEST_CONFIG)
      throw refused(kind, file, `has ${stat.size} bytes; more than ${LARGEST_CONFIG} are not read`);
    return readFileSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Decodes the file's bytes and refuses what is no config of a person. Exported for the fuzz tests. */
export function checkedText(bytes: Uint8Array, file: string, kind: FileKind = CONFIG_FILE): string {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw refused(kind, file, "is not valid UTF-8", error);
  }
  const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.exec(text);
  if (control !== null) {
    const line = text.slice(0, control.index).split("\n").length;
    const code = control[0].charCodeAt(0).toString(16).padStart(2, "0");
    throw refused(kind, file, `holds the control character 0x${code} in line ${line}`);
  }
  refuseDeepNesting(text, (why) => refused(kind, file, why));
  return text;
}

/**
 * A bound on depth that needs no parser: brackets that are open at once, markers (`- `, `? `) at the start of a line,
 * indentation. Counting brackets inside quotes as well only makes the bound stricter for odd texts.
 */
function refuseDeepNesting(text: string, refusal: (why: string) => LullError): void {
  let open = 0;
  let number = 0;
  for (const line of text.split("\n")) {
    number++;
    for (const character of line) {
      if (character === "[" || character === "{") open++;
      else if ((character === "]" || character === "}") && open > 0) open--;
      if (open > DEEPEST) throw refusal(`is nested more than ${DEEPEST} deep in line ${number}`);
    }
    const lead = /^[\s?:-]*/.exec(line)?.[0] ?? "";
    const markers = lead.replaceAll(/\s/g, "").length;
    if (markers > DEEPEST || (lead.length > 8 * DEEPEST && lead.length < line.length)) {
      throw refusal(`is nested more than ${DEEPEST} deep in line ${number}`);
    }
    // `a: b: c:` and `&a &b`: chains on one line that the parser would take apart one by one.
    if ((line.match(/(?:^|\s)[&!*?][^\s]*(?=\s|$)|: /g)?.length ?? 0) > 8 * DEEPEST) {
      throw refusal(`has a line that no person writes: line ${number}`);
    }
  }
}

function missing(file: string): LullError {
  return new LullError({
    kind: "config",
    code: "CONFIG_MISSING",
    message: `there is no config file yet (${file})`,
    hint: "make one with `lull init <folder>`",
    data: { file },
  });
}

export function emptied(file: string): LullError {
  return new LullError({
    kind: "config",
    code: "CONFIG_INVALID",
    message: `the config file ${file} is empty, as a crash or a full disk leaves a file that was being saved`,
    hint: "put it back from a copy; or remove it and make a new one with `lull init <folder>`",
    data: { file },
  });
}

function refused(kind: FileKind, file: string, why: string, cause?: unknown): LullError {
  return new LullError({
    kind: "config",
    code: kind.code,
    message: `the ${kind.noun} ${file} ${why}`,
    hint: kind.hint,
    data: { file },
    cause,
  });
}
