import { safeText } from "./safe-text.ts";

/**
 * Takes what may be a secret out of a remote's address, for messages, history and the repository's own config: user
 * and password of http(s), the password of ssh, query and fragment. The user of an ssh address stays; it is needed
 * and no secret. Any text is accepted, also one that is no URL.
 */
export function redactUrl(text: string): string {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0];
  if (scheme === undefined) return safeText(withoutScpPassword(text));
  if (/^file:/i.test(scheme)) return safeText(text);
  // The user first: a `?` or `#` that was not encoded in the password would pass for the end of the address.
  const rest = withoutUserInfo(text.slice(scheme.length), /ssh/i.test(scheme));
  return safeText(scheme + rest.replace(/[?#].*$/s, ""));
}

/** Greedy up to the last `@` before the path: a password may itself hold an `@`. */
function withoutUserInfo(rest: string, keepUser: boolean): string {
  const info =
    /^[^/\\]*@/.exec(rest)?.[0] ??
    // A slash that was not encoded in the password ends the "host" early, with a "port" that is none.
    /^[^/\\@]*:(?!\d{1,5}(?:[/\\]|$))[^@]*@/.exec(rest)?.[0];
  if (info === undefined) return rest;
  const user = info.split(/[:@]/)[0] ?? "";
  return (keepUser && user !== "" ? `${user}@` : "") + rest.slice(info.length);
}

/** `git@host:path` stays; `user:password@host/path`, a URL whose scheme was forgotten, does not. */
function withoutScpPassword(text: string): string {
  return /^[/\\~.]/.test(text) ? text : text.replace(/^[^/\\@]*:[^/\\]*@/, "");
}
