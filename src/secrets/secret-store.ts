/** Stored secrets by name: in the keychain where there is one, else in files that only the user can read. */
import type { Clock } from "../base/clock.ts";
import { LullError } from "../base/errors.ts";
import { registerSecret } from "../base/redact.ts";
import type { Keychain } from "./keychain.ts";
import type { StoredFile, StoredFiles } from "./stored-files.ts";

export type StoredSecret = Pick<StoredFile, "name" | "place" | "storedAt">;

export type RevealedSecret = StoredSecret & { readonly value: string };

export type StoredAt = {
  readonly place: StoredSecret["place"];
  /** Why it is not the keychain, in words; undefined: it is. */
  readonly why: string | undefined;
};

export type SecretStore = {
  /** @throws LullError `KEYCHAIN_LOCKED` (kind `auth`) when it was stored and the keychain does not give it out */
  get(name: string, signal: AbortSignal): Promise<RevealedSecret | undefined>;
  /** Where a secret of this name lies, without asking the keychain. */
  find(name: string): StoredSecret | undefined;
  set(name: string, value: string, signal: AbortSignal): Promise<StoredAt>;
  /** Returns whether there was one. */
  remove(name: string, signal: AbortSignal): Promise<boolean>;
  list(): readonly StoredSecret[];
};

export type SecretStoreParts = {
  readonly keychain: Keychain;
  readonly files: StoredFiles;
  readonly clock: Clock;
};

export function createSecretStore({ keychain, files, clock }: SecretStoreParts): SecretStore {
  // A worker syncs every few seconds; what it has read holds until somebody stores another.
  const read = new Map<string, { readonly storedAt: number; readonly value: string }>();
  return {
    async get(name, signal) {
      const file = files.read(name);
      if (file === undefined) return undefined;
      const { place, storedAt } = file;
      const kept = read.get(name);
      if (kept?.storedAt === storedAt) return { name, place, storedAt, value: kept.value };
      const value = place === "file" ? (file.value ?? "") : await fromKeychain(keychain, name, signal);
      registerSecret(value);
      read.set(name, { storedAt, value });
      return { name, place, storedAt, value };
    },
    find(name) {
      const file = files.read(name);
      return file === undefined ? undefined : withoutValue(file);
    },
    async set(name, value, signal) {
      registerSecret(value);
      const before = files.read(name);
      // Never the same as before, or another process would go on with the old value.
      const storedAt = Math.max(clock.now(), (before?.storedAt ?? 0) + 1);
      const answer = await keychain.ask({ kind: "set", name, value }, signal);
      const isKept = answer.kind === "done";
      files.write({ name, storedAt, ...(isKept ? { place: "keychain" } : { place: "file", value }) });
      return isKept ? { place: "keychain", why: undefined } : { place: "file", why: answer.why };
    },
    async remove(name, signal) {
      const file = files.read(name);
      if (file === undefined) return false;
      if (file.place === "keychain") {
        const answer = await keychain.ask({ kind: "remove", name }, signal);
        if (answer.kind === "unavailable") throw notRemoved(name, answer.why);
      }
      read.delete(name);
      return files.remove(name);
    },
    list: () => files.list().map(withoutValue),
  };
}

async function fromKeychain(keychain: Keychain, name: string, signal: AbortSignal): Promise<string> {
  const answer = await keychain.ask({ kind: "get", name }, signal);
  if (answer.kind === "done" && answer.value !== null) return answer.value;
  throw new LullError({
    kind: "auth",
    code: "KEYCHAIN_LOCKED",
    message: `the keychain does not give out the secret ${name}${answer.kind === "unavailable" ? `: ${answer.why}` : ""}`,
    causes: ["the keyring is locked: nobody is logged in", "the entry was removed from the keychain"],
    hint: "unlock the keychain (log in to the desktop), or store the secret again: `lull auth login` or `lull secret set`",
    data: { secret: name },
  });
}

function notRemoved(name: string, why: string): LullError {
  return new LullError({
    kind: "failed",
    code: "KEYCHAIN_UNAVAILABLE",
    message: `the secret ${name} can not be removed from the keychain: ${why}`,
    hint: "unlock the keychain and run the command again",
    data: { secret: name },
  });
}

function withoutValue({ name, place, storedAt }: StoredFile): StoredSecret {
  return { name, place, storedAt };
}
