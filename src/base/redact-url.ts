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

function withoutUserInfo(rest: string, keepUser: boolean): string {
  const info = userInfoAt(rest, 0);
  return (keepUser ? userOf(info) : "") + rest.slice(info.length);
}

/** User and password of an address, with the `@`, where they begin in a text; empty: there are none. */
export function userInfoAt(text: string, start: number): string {
  for (const form of [USER_INFO, USER_INFO_WITH_SLASH]) {
    form.lastIndex = start;
    const found = form.exec(text)?.[0];
    if (found !== undefined) return found;
  }
  return "";
}

/** What is no secret in the user info of an ssh address: the user with the `@`. */
export function userOf(userInfo: string): string {
  const user = userInfo.split(/[:@]/, 1)[0] ?? "";
  return user === "" ? "" : `${user}@`;
}

/** Greedy up to the last `@` before the path: a password may itself hold an `@`. */
const USER_INFO = /[^/\\]*@/y;
/** A slash that was not encoded in the password ends the "host" early, with a "port" that is none. */
const USER_INFO_WITH_SLASH = /[^/\\@]*:(?!\d{1,5}(?:[/\\]|$))[^@]*@/y;

/** `git@host:path` stays; `user:password@host/path`, a URL whose scheme was forgotten, does not. */
function withoutScpPassword(text: string): string {
  return /^[/\\~.]/.test(text) ? text : text.replace(/^[^/\\@]*:[^/\\]*@/, "");
}
