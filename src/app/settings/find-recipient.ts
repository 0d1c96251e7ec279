import { LullError } from "../../base/errors.ts";
import { safeText } from "../../base/safe-text.ts";
import type { Recipient } from "../../secrets/age/recipient.ts";

/** `age1` and four more: shorter ones are names, or slips. */
const SHORTEST_START = 8;

type Named = Pick<Recipient, "key" | "name" | "kind">;

/** Whether it is meant as a key or as the start of one, and not as a name. */
export function isKeyText(text: string): boolean {
  return text.startsWith("age1") && text.length >= SHORTEST_START;
}

/**
 * By the key, a start of it, or the name. Anybody may take any name: where several have it, the key has to be given.
 * @throws LullError `UNKNOWN_RECIPIENT`, `AMBIGUOUS_RECIPIENT` (kind `usage`)
 */
export function findRecipient<R extends Named>(candidates: readonly R[], text: string, source: string): R {
  const found = candidates.filter(({ key, name }) =>
    isKeyText(text) ? key.startsWith(text) : name === text,
  );
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return only;
  const shown = safeText(text.slice(0, 80));
  throw new LullError({
    kind: "usage",
    code: only === undefined ? "UNKNOWN_RECIPIENT" : "AMBIGUOUS_RECIPIENT",
    message:
      only === undefined
        ? `"${source}" knows no recipient "${shown}"`
        : `"${shown}" may be one of several: ${found.map(({ key, name }) => `${name} ${key}`).join(", ")}`,
    hint:
      only === undefined
        ? `lull secret recipients list ${source} shows them; a key that is new is given whole (age1…), with --name`
        : "give the key, or more of it, and compare it with `lull secret list` on the device that it is for",
  });
}
