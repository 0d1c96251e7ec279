import { redactUrl } from "../base/redact-url.ts";

/** Puts `***` in place of user and password of every http(s) address in a text. Pure. */
export function hidePasswords(text: string): string {
  return text.replaceAll(/(https?:\/\/)[^\s"'\\]+/gi, (url, scheme: string) => {
    const shown = redactUrl(url);
    return url.includes("@") && shown !== url ? `${scheme}***@${shown.slice(scheme.length)}` : url;
  });
}

/** The same for every text inside a value of the config. */
export function hidePasswordsIn<T>(value: T): T {
  return value === undefined ? value : (JSON.parse(hidePasswords(JSON.stringify(value))) as T);
}
