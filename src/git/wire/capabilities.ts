/** What the two sides of a conversation can do. */
import { safeText } from "../../base/safe-text.ts";
import { transportError } from "../../transport/transport-error.ts";

/** Name → value; "" for a capability without one. A name may come twice (`symref`): then values are joined by spaces. */
export type Capabilities = ReadonlyMap<string, string>;

/** What lull calls itself inside the protocol. */
export const AGENT = "lull/1";

export function parseCapabilities(words: Iterable<string>): Capabilities {
  const found = new Map<string, string>();
  for (const word of words) {
    if (word === "") continue;
    const equals = word.indexOf("=");
    const name = equals < 0 ? word : word.slice(0, equals);
    const value = equals < 0 ? "" : word.slice(equals + 1);
    const before = found.get(name);
    found.set(name, before === undefined ? value : `${before} ${value}`);
  }
  return found;
}

/** @throws LullError `UNSUPPORTED` for a repository whose object names are not SHA-1 */
export function requireSha1(capabilities: Capabilities, remote: string): void {
  const formats = capabilities.get("object-format") ?? "sha1";
  if (formats.split(" ").includes("sha1")) return;
  throw transportError({
    code: "UNSUPPORTED",
    message: `${remote} names its objects by ${safeText(formats)}; lull knows sha1 only`,
  });
}
