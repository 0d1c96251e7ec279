import { LullError } from "../base/errors.ts";
import type { Identities, KeyPair } from "../secrets/age/age.ts";
import type { StoredAt } from "../secrets/secret-store.ts";
import type { Context, Deps } from "./deps.ts";
import { noteChange } from "./history.ts";

export type RecoverInput = {
  /** The recovery key as it was typed or read. */
  readonly text: string;
  readonly dryRun: boolean;
};

export type Recovered = {
  /** Public. */
  readonly recoveryKey: string;
  /** Undefined: it was kept here before, or this is a dry run. */
  readonly storedAt: StoredAt | undefined;
  /** Whether it is what this device encrypts for beside its own. */
  readonly isOwn: boolean;
  /** This device's identity. */
  readonly device:
    | { readonly kind: "made"; readonly key: string; readonly storedAt: StoredAt }
    | { readonly kind: "exists"; readonly key: string }
    /** Only in a dry run. */
    | { readonly kind: "missing" };
  readonly dryRun: boolean;
};

/**
 * Keeps a recovery key to decrypt with, and makes this device's identity where it has none: its recovery key is this
 * one then, so that a second device needs no second one.
 * @throws LullError `BAD_IDENTITY`, `OWN_IDENTITY` (kind `usage`), `IDENTITY_UNREADABLE` (kind `config`)
 */
export async function recoverEncryption(
  deps: Deps,
  input: RecoverInput,
  { signal }: Context,
): Promise<Recovered> {
  const { identities } = await deps.age();
  const pair = await identities.read(input.text);
  const current = identities.find();
  if (current?.key === pair.key) throw ownIdentity(pair.key);
  const recoveryKey = current?.recoveryKey ?? pair.key;
  const isThere = current !== undefined && identities.list().includes(current.key);
  const result = { recoveryKey: pair.key, isOwn: recoveryKey === pair.key, dryRun: input.dryRun };
  const exists = isThere ? ({ kind: "exists", key: current.key } as const) : undefined;
  if (input.dryRun) return { ...result, storedAt: undefined, device: exists ?? { kind: "missing" } };
  const storedAt = await identities.keep(pair, signal);
  const device = exists ?? (await makeDevice(identities, recoveryKey, signal));
  const detail = { recoveryKey: pair.key, key: device.key, place: storedAt?.place };
  noteChange(deps, { action: "secret recover", source: undefined, detail });
  return { ...result, storedAt, device };
}

async function makeDevice(
  identities: Identities,
  recoveryKey: string,
  signal: AbortSignal,
): Promise<Recovered["device"] & { readonly kind: "made" }> {
  const made: KeyPair = await identities.generate();
  return { kind: "made", key: made.key, storedAt: await identities.become(made, recoveryKey, signal) };
}

function ownIdentity(key: string): LullError {
  return new LullError({
    kind: "usage",
    code: "OWN_IDENTITY",
    message: `this is no recovery key but the identity of this device (${key})`,
    hint: "give the key that `lull secret init` has printed",
    data: { key },
  });
}
