/** A value of the config as it may be kept in the audit log. Pure. */
import { redactUrl } from "../base/redact-url.ts";

const HIDDEN = "***";
const SECRET_KEY = /password|passphrase|token|secret|api_?key/i;
/** Who knows the whole address of a webhook may post to it: the path is the key. */
const ADDRESSES_ARE_KEYS = /^notify\b/;

/** @param path dotted, as in `lull config set` */
export function auditedValue(path: string, value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (SECRET_KEY.test(path)) return HIDDEN;
  if (typeof value === "string") return auditedText(path, value);
  if (Array.isArray(value)) return value.map((item, index) => auditedValue(`${path}.${index}`, item));
  if (typeof value !== "object") return value;
  const entries = Object.entries(value).map(([key, item]) => [key, auditedValue(`${path}.${key}`, item)]);
  return Object.fromEntries(entries);
}

function auditedText(path: string, text: string): string {
  return text.replaceAll(/[a-z][a-z0-9+.-]*:\/\/[^\s"']+/gi, (url) => {
    const shown = redactUrl(url);
    return ADDRESSES_ARE_KEYS.test(path) ? shown.replace(/^([^/]*\/\/[^/]*)\/.*$/s, `$1/${HIDDEN}`) : shown;
  });
}
