import { redactUrl } from "../base/redact-url.ts";
import { safeText } from "../base/safe-text.ts";

/** What fits a line of a desktop's notice; the whole story is in `lull log`. */
const LONGEST = 400;

/**
 * Makes text from outside fit to be sent anywhere: one line, no control characters, not too long, and every address in
 * it without user, password, query and fragment.
 */
export function noticeText(text: string, longest = LONGEST): string {
  const shown = safeText(text.replaceAll(/[a-z][a-z0-9+.-]*:\/\/[^\s"'<>]+/gi, redactUrl));
  // Half a character at the cut would be none.
  return shown.length <= longest ? shown : `${shown.slice(0, longest - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

/** The host of a remote's address, for people; a local remote's folder. */
export function hostOf(url: string): string {
  const shown = redactUrl(url);
  const host =
    /^(?!file:)[a-z][a-z0-9+.-]*:\/\/(?:[^/@]*@)?([^/]+)/i.exec(shown)?.[1] ??
    /^(?:[^/\\@:]+@)?([^/\\:@]{2,}):(?!\/\/)/.exec(shown)?.[1] ??
    shown;
  return noticeText(host, 120);
}

/** A sentence begins with a capital; messages of errors do not. */
export function sentence(text: string): string {
  const first = text.codePointAt(0);
  return first === undefined
    ? ""
    : String.fromCodePoint(first).toUpperCase() + text.slice(first > 0xffff ? 2 : 1);
}

export function counted(amount: number, singular: string): string {
  return `${amount} ${singular}${amount === 1 ? "" : "s"}`;
}
