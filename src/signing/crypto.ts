import type * as Crypto from "node:crypto";

/** Only who signs with a key file and without OpenSSH needs it: loaded then. */
export function crypto(): typeof Crypto {
  return process.getBuiltinModule("node:crypto");
}
