/**
 * What this device's identity is called, beside the secrets themselves: the keychain that has them may be locked, and
 * of the recovery key lull keeps the public half only.
 */
import { LullError } from "../../base/errors.ts";
import { type PrivateJson, readPrivateJson, writePrivateJson } from "../private-json.ts";
import type { DeviceIdentity } from "./age.ts";
import { isRecipient } from "./keys.ts";

const LARGEST = 64 * 1024;

export type IdentityRecord = {
  /** @throws LullError `IDENTITY_UNREADABLE`, `UNSAFE_PERMISSIONS` (kind `config`) */
  read(): DeviceIdentity | undefined;
  write(identity: DeviceIdentity): void;
};

/**
 * @param path absolute
 * @param assertPrivate throws when others could have written the file
 */
export function identityRecord(path: string, assertPrivate: (path: string) => void): IdentityRecord {
  const file: PrivateJson = { path, largest: LARGEST, assertPrivate };
  return {
    read() {
      const fields = readPrivateJson(file);
      return fields && identityIn(fields, path);
    },
    write: (identity) => writePrivateJson(file, { version: 1, ...identity }),
  };
}

function identityIn(fields: Readonly<Record<string, unknown>>, path: string): DeviceIdentity {
  const { version, key, recoveryKey, madeAt } = fields;
  if (
    version === 1 &&
    typeof key === "string" &&
    isRecipient(key) &&
    typeof recoveryKey === "string" &&
    isRecipient(recoveryKey) &&
    typeof madeAt === "number"
  ) {
    return { key, recoveryKey, madeAt };
  }
  throw new LullError({
    kind: "config",
    code: "IDENTITY_UNREADABLE",
    message: `${path} does not say what this version of lull has made as this device's identity`,
    causes: ["a newer lull wrote it", "it was changed by hand", "the disk is damaged"],
    hint: "move it away and run `lull secret recover` with the recovery key, or `lull secret init`; the secrets in the keychain stay",
    data: { path },
  });
}
