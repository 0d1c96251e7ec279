/** The words and addresses that `transport.proxy` takes. No message repeats an address: it may hold a password. */
import type { ProxyConfig } from "./config.ts";

const FORMS = "write http://<host>:<port>, `none` or `auto`";

/** Returns what is wrong with the text, or undefined. */
export function proxyProblem(text: string): string | undefined {
  if (isWord(text)) return undefined;
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return `is no address of a proxy; ${FORMS}`;
  if (scheme.startsWith("socks"))
    return "names a SOCKS proxy; lull speaks to http:// and https:// proxies only";
  if (scheme !== "http" && scheme !== "https") return `is no address of an HTTP proxy; ${FORMS}`;
  if (/[\s\u0000-\u001f\u007f]/.test(text)) return "holds a blank or a control character";
  const url = /^https?:\/\/[/\\]/i.test(text) ? null : URL.parse(text);
  if (url === null || url.hostname === "") {
    return "has no valid host name; what is special in a user name or password stands as %XX";
  }
  const hasMore = !["", "/"].includes(url.pathname) || url.search !== "" || url.hash !== "";
  return hasMore ? `goes on after the host; ${FORMS}` : undefined;
}

/** @param text one without a problem */
export function parseProxy(text: string): ProxyConfig {
  return isWord(text) ? { kind: text } : { kind: "url", url: text };
}

function isWord(text: string): text is "auto" | "none" {
  return text === "auto" || text === "none";
}
