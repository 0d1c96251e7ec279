/**
 * Takes secrets out of text. Every log line, error, event, message between processes and row of the history passes
 * here: what this process has read as a secret is known exactly, of what others say (a server's text, the last words
 * of a program) the usual shapes are. Text that people asked for as such (`lull secret get`) does not pass.
 */
import { userInfoAt, userOf } from "./redact-url.ts";

/** What stands in place of a secret. */
export const HIDDEN = "***";

/** A shorter one would take pieces out of ordinary words. */
const SHORTEST = 6;

/** A process that runs for years reads the same few again and again; the one read first goes first. */
const MOST_KNOWN = 200;

/** The forms in which they may turn up, in the order of reading. */
const known = new Set<string>();
/** The same, longest first: one that is the beginning of another must not leave the other's end behind. */
let longestFirst: readonly string[] = [];

/** From now on `redact` takes this very text out, also as it stands in a URL or in Base64. */
export function registerSecret(secret: string): void {
  if (secret.length < SHORTEST) return;
  for (const form of formsOf(secret)) {
    known.delete(form);
    known.add(form);
  }
  for (const oldest of known) {
    if (known.size <= MOST_KNOWN) break;
    known.delete(oldest);
  }
  longestFirst = [...known].sort((one, other) => other.length - one.length);
}

/** In Base64 a text has three forms, by where it begins; the characters at its ends depend on its neighbours. */
function formsOf(secret: string): ReadonlySet<string> {
  const bytes = Buffer.from(secret);
  const encoded = [0, 1, 2].map((shift) => {
    const whole = shift + 3 * Math.floor((bytes.length - shift) / 3);
    return bytes.subarray(shift, whole).toString("base64");
  });
  const json = JSON.stringify(secret).slice(1, -1);
  return new Set([
    secret,
    json,
    encodeURIComponent(secret),
    ...encoded.filter((form) => form.length >= 2 * SHORTEST),
  ]);
}

/** Returns the text with each secret as `***`; what surrounds it stays. Any text is accepted. */
export function redact(text: string): string {
  let shown = text;
  for (const form of longestFirst) if (shown.includes(form)) shown = shown.replaceAll(form, HIDDEN);
  for (const [shape, replacement] of SHAPES) shown = shown.replace(shape, replacement);
  return shown.includes("@") ? shown.replace(WORD, withoutUsers) : shown;
}

/** The same for every text inside a value of plain data; names of fields stay. */
export function redactIn<T>(value: T): T {
  return redactUnknown(value) as T;
}

function redactUnknown(value: unknown): unknown {
  if (typeof value === "string") return redact(value);
  if (Array.isArray(value)) return value.map(redactUnknown);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redactUnknown(item)]));
}

/** What may be an address, or several: it goes on to the next blank or quotation mark. */
const WORD = /[^\s"'<>\\]+/g;
const SCHEME = /\b[a-z][a-z0-9+.-]{1,15}:\/\//gi;

/** Each address of a word is looked at from its scheme to its first slash or `@`, so that no text takes long. */
function withoutUsers(word: string): string {
  const last = word.lastIndexOf("@");
  let before: string | undefined;
  let shown = "";
  let done = 0;
  SCHEME.lastIndex = 0;
  for (let found = SCHEME.exec(word); found !== null; found = SCHEME.exec(word)) {
    const start = SCHEME.lastIndex;
    if (start > last) break;
    const info = userInfoAt(word, start);
    if (info === "") continue;
    const kept = /^ssh|\+ssh/i.test(found[0]) ? userOf(info) : `${HIDDEN}@`;
    if (before === undefined) {
      before = word.slice(0, start);
      shown = kept;
    } else shown += word.slice(done, start) + kept;
    done = start + info.length;
    SCHEME.lastIndex = done;
  }
  // Beside a user and a password the query is hardly without a secret.
  return before === undefined ? word : before + (shown + word.slice(done)).replace(/[?#].*$/, "");
}

const PASSWORD = "password|passwd|passphrase|pwd";
const KEY_WORDS = `${PASSWORD}|token|secret|api[_-]?key|access[_-]?key|account[_-]?key|secret[_-]?key|private[_-]?key|key_id`;
/** Already hidden, or a placeholder of a help text. */
const NO_VALUE = String.raw`(?![*<{$…])`;

/** Each with what takes its place. The long and certain ones come first. */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [
    /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$)/g,
    HIDDEN,
  ],
  [/\bAGE-SECRET-KEY-1[0-9A-Z]{20,}/gi, HIDDEN],
  // GitHub: personal, OAuth, user-to-server, server-to-server, refresh.
  [/\bgh[pousr]_[A-Za-z0-9]{16,}/g, HIDDEN],
  [/\bgithub_pat_[A-Za-z0-9_]{20,}/g, HIDDEN],
  // GitLab: personal, OAuth, deploy, runner, CI, feed and others (docs.gitlab.com/security/tokens).
  [/\bgl(?:pat|oas|dt|rt|cbt|ptt|ft|imt|agent|soat|ffct)-[A-Za-z0-9_.-]{16,}/g, HIDDEN],
  [/\b(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA)[A-Z0-9]{16}\b/g, HIDDEN],
  [/\bxox[abeoprs]-[A-Za-z0-9-]{10,}/g, HIDDEN],
  [/\bAIza[A-Za-z0-9_-]{30,}/g, HIDDEN],
  [/\bya29\.[A-Za-z0-9_-]{20,}/g, HIDDEN],
  [
    /\b(?:npm_[A-Za-z0-9]{30,}|pypi-[A-Za-z0-9_-]{30,}|ATATT[A-Za-z0-9_=-]{30,}|ATBB[A-Za-z0-9]{20,})/g,
    HIDDEN,
  ],
  [/\b(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,}|\bsk-[A-Za-z0-9_-]{24,}/g, HIDDEN],
  // JSON Web Token: header and payload are JSON, which begins with {" in Base64.
  [/\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{4,}\.?[A-Za-z0-9_-]*/g, HIDDEN],
  // The whole address is the key to a channel.
  [/(\bhooks\.slack\.com\/services\/|\bdiscord(?:app)?\.com\/api\/webhooks\/)[^\s"'<>]{8,}/gi, `$1${HIDDEN}`],
  [
    /(\b(?:proxy-)?authorization["']?\s*[:=]\s*["']?)(?:[a-z-]{3,12}\s+)?[^\s"',;*][^"'\r\n,;]*/gi,
    `$1${HIDDEN}`,
  ],
  [/\b(bearer|basic)(\s+)[A-Za-z0-9._~+/-]{16,}=*/gi, `$1$2${HIDDEN}`],
  [/(\b(?:set-)?cookie["']?\s*:\s*["']?)[^\s"'*][^"'\r\n]*/gi, `$1${HIDDEN}`],
  // "password": "…", token='…'
  [
    new RegExp(
      String.raw`((?:${KEY_WORDS})["']?\s*[=:]\s*)(["'])${NO_VALUE}(?:(?!\2)[^\\\r\n]|\\.){1,4096}\2?`,
      "gi",
    ),
    `$1$2${HIDDEN}$2`,
  ],
  // token=…, also as a part of a query or an environment
  [new RegExp(String.raw`((?:${KEY_WORDS})\s?=\s?)${NO_VALUE}[^\s"'&,;)}\]]+`, "gi"), `$1${HIDDEN}`],
  // password: … of a config; a sentence goes on after the colon with a word, so of other keys it takes a digit
  [new RegExp(String.raw`((?:${PASSWORD}):[ \t]+)${NO_VALUE}[^\s"'].*$`, "gim"), `$1${HIDDEN}`],
  [
    new RegExp(
      String.raw`((?:${KEY_WORDS}):[ \t]*)${NO_VALUE}(?=[^\s"'\d]{0,256}\d)[^\s"',;)}\]/]{6,}(?=[\s"',;)}\]]|$)`,
      "gi",
    ),
    `$1${HIDDEN}`,
  ],
];
