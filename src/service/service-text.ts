/** What the files of all managers have in common: the mark of lull, and which characters they can carry. Pure. */
import { LullError } from "../base/errors.ts";
import type { ServiceSpec } from "./service.ts";

/** In every file that lull writes for a manager; a file without it belongs to somebody else. */
export const MARKER = "Written by `lull service install` from";

/**
 * The mark, with what the text was made from. Fit for a comment of systemd and of XML (where `--` ends one), and for
 * tools that print in whatever character set the system has.
 */
export function markOf(spec: ServiceSpec): string {
  const { command, environment, umask, user, stateDirectory, notifies } = spec;
  const json = JSON.stringify({ command, environment, umask, user, stateDirectory, notifies });
  return `${MARKER} ${json.replaceAll("--", String.raw`-\u002d`).replaceAll(/[<>&]|[^ -~]/g, escaped)}`;
}

/** Returns undefined for a text without the mark, or with one that somebody changed. */
export function specOf(text: string): ServiceSpec | undefined {
  const at = text.indexOf(MARKER);
  const json = at === -1 ? undefined : /^ (\{.*\})/.exec(text.slice(at + MARKER.length))?.[1];
  if (json === undefined) return undefined;
  try {
    const found: unknown = JSON.parse(json.replaceAll("&quot;", '"'));
    return isSpec(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

function isSpec(found: unknown): found is ServiceSpec {
  if (typeof found !== "object" || found === null) return false;
  const { command, environment, umask, user, stateDirectory, notifies } = found as Record<string, unknown>;
  return (
    Array.isArray(command) &&
    command.length > 0 &&
    command.every((word) => typeof word === "string") &&
    typeof environment === "object" &&
    environment !== null &&
    Object.values(environment).every((value) => typeof value === "string") &&
    typeof umask === "number" &&
    typeof user === "string" &&
    typeof stateDirectory === "string" &&
    (notifies === "directly" || notifies === "by-program")
  );
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Control characters but the tab, and halves of surrogate pairs: no manager's file can carry all of them. */
const UNFIT = /[\u0000-\u0008\u000A-\u001F\u007F]|\p{Surrogate}/u;

/** @throws LullError `BAD_SERVICE_TEXT` */
export function assertFit(text: string, what: string): void {
  if (!UNFIT.test(text)) return;
  throw new LullError({
    kind: "usage",
    code: "BAD_SERVICE_TEXT",
    message: `${what} has a control character in it and can not be part of a service: ${JSON.stringify(text)}`,
    hint: "move or rename it, then run the command again",
  });
}

/** @throws LullError `BAD_SERVICE_TEXT` for a character that XML has no way to write */
export function xmlText(text: string): string {
  assertFit(text, "a path or value");
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("\t", "&#9;");
}
