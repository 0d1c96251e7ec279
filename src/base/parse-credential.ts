import type { Credential } from "./credential.ts";

/** A value `user:password` is sent as such, anything else as a token. Undefined: blank, or of several lines. */
export function parseCredential(text: string): Credential | undefined {
  // A trailing line break comes easily from `export X=$(cat file)` on Windows and would spoil the header.
  const value = text.trim();
  if (value === "" || /[\r\n\0]/.test(value)) return undefined;
  const colon = value.indexOf(":");
  return colon > 0 ? { username: value.slice(0, colon), password: value.slice(colon + 1) } : { token: value };
}
