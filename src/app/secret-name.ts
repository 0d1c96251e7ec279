import { LullError } from "../base/errors.ts";
import { safeText } from "../base/safe-text.ts";
import { absolutePath, type PathBase } from "./user-path.ts";

const LONGEST = 500;
const SSH_KEY = "ssh-key:";
/** As `secrets/age/identities.ts` names them, followed by the public key. */
const AGE_IDENTITY = "age:";

/**
 * Returns the name under which a secret is kept: of a web address its origin, of a key file its absolute path.
 * @throws LullError `BAD_SECRET_NAME` (kind `usage`)
 */
export function secretName(text: string, base: PathBase): string {
  if (text.trim() !== text || text === "" || text.length > LONGEST || /[\u0000-\u001f\u007f]/.test(text)) {
    throw new LullError({
      kind: "usage",
      code: "BAD_SECRET_NAME",
      message: `"${safeText(text.slice(0, LONGEST))}" can not name a secret`,
      hint: "name it by the address it is for (https://git.example.com), or ssh-key:~/.ssh/id_ed25519",
    });
  }
  if (text.startsWith(SSH_KEY)) return SSH_KEY + absolutePath(text.slice(SSH_KEY.length), base);
  return /^https?:\/\//i.test(text) && URL.canParse(text) ? new URL(text).origin : text;
}

/** Under which name the age identity with this public key is stored. */
export function identityName(key: string): string {
  return AGE_IDENTITY + key;
}

/**
 * An age identity is made by lull, and leaves the secret store for nothing but decrypting.
 * @throws LullError `AGE_IDENTITY` (kind `usage`)
 */
export function refuseIdentity(name: string, verb: "set" | "print" | "remove"): void {
  if (!name.startsWith(AGE_IDENTITY)) return;
  throw new LullError({
    kind: "usage",
    code: "AGE_IDENTITY",
    message: `"${safeText(name)}" names an age identity, which \`lull secret\` does not ${verb}`,
    hint:
      verb === "remove"
        ? "make a new one first: `lull secret init --force`"
        : "`lull secret init` makes one, `lull secret recover` takes a recovery key",
  });
}
