import { messageOf } from "../base/errors.ts";
import type { KeyPair } from "../secrets/age/age.ts";
import type { StoredAt } from "../secrets/secret-store.ts";
import type { Context, Deps } from "./deps.ts";
import { type Encryption, getEncryption } from "./get-encryption.ts";
import { noteChange } from "./history.ts";
import { absolutePath } from "./user-path.ts";

export type InitEncryptionInput = {
  /** Makes new keys where there are some already. */
  readonly force: boolean;
  /** Where the recovery key is written to, as typed; undefined: it is in the result. */
  readonly recoveryFile: string | undefined;
  readonly dryRun: boolean;
};

export type InitEncryptionResult =
  /** Nothing was changed. */
  | { readonly kind: "exists"; readonly encryption: Encryption }
  | { readonly kind: "dry-run"; readonly replaced: string | undefined }
  | {
      readonly kind: "made";
      readonly key: string;
      readonly recoveryKey: string;
      readonly storedAt: StoredAt;
      /** The public key of the identity before; it stays stored, to read with. */
      readonly replaced: string | undefined;
      readonly recovery: MadeRecovery;
    };

export type MadeRecovery =
  /** Secret: it stands nowhere else. */
  { readonly kind: "shown"; readonly secret: string } | { readonly kind: "file"; readonly path: string };

/**
 * Makes this device's age identity and a recovery key.
 * @throws LullError `SECRET_FILE_EXISTS` (kind `usage`), `IDENTITY_UNREADABLE` (kind `config`)
 */
export async function initEncryption(
  deps: Deps,
  input: InitEncryptionInput,
  { signal }: Context,
): Promise<InitEncryptionResult> {
  const encryption = await getEncryption(deps);
  if (encryption !== undefined && !input.force) return { kind: "exists", encryption };
  const replaced = encryption?.key;
  if (input.dryRun) return { kind: "dry-run", replaced };
  const { identities } = await deps.age();
  const [device, recovery] = await Promise.all([identities.generate(), identities.generate()]);
  const made = keepRecovery(deps, recovery, input.recoveryFile);
  const storedAt = await kept(deps, made, () => identities.become(device, recovery.key, signal));
  const detail = { key: device.key, recoveryKey: recovery.key, place: storedAt.place };
  noteChange(deps, { action: "secret init", source: undefined, detail });
  return { kind: "made", key: device.key, recoveryKey: recovery.key, storedAt, replaced, recovery: made };
}

/** Before anything is encrypted for it: of a recovery key that nobody has, nobody would know. */
function keepRecovery(deps: Deps, { secret, key }: KeyPair, file: string | undefined): MadeRecovery {
  if (file === undefined) return { kind: "shown", secret };
  const path = absolutePath(file, deps);
  const made = new Date(deps.clock.now()).toISOString();
  const text = [
    "# The recovery key of lull: it opens all that your devices encrypt. Keep it away from them.",
    `# created: ${made}`,
    `# public key: ${key}`,
    secret,
    "",
  ].join("\n");
  deps.secretFiles.create(path, text);
  return { kind: "file", path };
}

/** A file with a key that opens nothing would be taken for the real one. */
async function kept<T>(deps: Deps, made: MadeRecovery, store: () => Promise<T>): Promise<T> {
  try {
    return await store();
  } catch (error) {
    if (made.kind === "file") {
      try {
        deps.secretFiles.remove(made.path);
      } catch (failure) {
        deps.log.warn(
          `${made.path} holds a recovery key of no use and could not be removed: ${messageOf(failure)}`,
        );
      }
    }
    throw error;
  }
}
