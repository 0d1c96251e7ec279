/**
 * Passwords, tokens and passphrases: where they are kept (`secret-store.ts`), and which one goes to a remote. This
 * folder owns the keychain, the files that stand in for it, and the order of places below. It must not know what a
 * source, a repository or a connection is: an origin comes in, a credential and its place go out.
 */
import { throwIfAborted } from "../base/abort.ts";
import { type Credential, type CredentialRequest, secretOf } from "../base/credential.ts";
import { registerSecret } from "../base/redact.ts";
import { environmentCredential } from "./environment-credentials.ts";
import type { SecretStore } from "./secret-store.ts";
import { settingCredential, type SettingAccess } from "./setting-credentials.ts";

/** What a source's config says of its own credential; then no other place is asked. */
export type CredentialSetting =
  | { readonly kind: "env"; readonly name: string }
  /** Program and arguments; run without a shell, it prints the credential. */
  | { readonly kind: "command"; readonly command: readonly string[] }
  /** Absolute path. */
  | { readonly kind: "file"; readonly path: string };

export const CREDENTIAL_PLACES = ["setting", "environment", "keychain", "file", "helper", "netrc"] as const;
export type CredentialPlace = (typeof CREDENTIAL_PLACES)[number];

export type FoundCredential = {
  readonly credential: Credential;
  readonly place: CredentialPlace;
  /** In words, e.g. `the environment variable GITHUB_TOKEN`. */
  readonly from: string;
  /** Wall time in milliseconds; undefined: unknown or never. */
  readonly expiresAt?: number | undefined;
  /** Whether it can be renewed without a person. */
  readonly renews?: boolean;
};

export type FindRequest = CredentialRequest & { readonly setting?: CredentialSetting | undefined };

/** One place of the order. Undefined: it has none for this origin; an error: it has one that can not be had now. */
export type FindCredential = (
  origin: string,
  request: CredentialRequest,
) => Promise<FoundCredential | undefined>;

export type Credentials = {
  /**
   * Asks the places in their order: the source's setting, the environment, what `auth login` stored, git's credential
   * helpers, netrc. A place that fails is passed over when a later one has an answer.
   * @throws LullError kind `auth` (`KEYCHAIN_LOCKED`, `CREDENTIAL_MISSING`, `CREDENTIAL_COMMAND_FAILED` …) or `config`
   */
  find(origin: string, request: FindRequest): Promise<FoundCredential | undefined>;
  /** The passphrase of an ssh key, by the absolute path of its file; undefined: none is stored. */
  passphraseOf(keyFile: string, request: { readonly signal: AbortSignal }): Promise<string | undefined>;
  /** The absolute paths of the ssh keys whose passphrase is stored; no keychain is asked. */
  keysWithPassphrase(): readonly string[];
};

export type CredentialParts = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly store: SecretStore;
  readonly access: SettingAccess;
  /** What follows the environment, in order; loaded when it is first needed. */
  readonly places: () => Promise<readonly FindCredential[]>;
};

export function createCredentials({ env, store, access, places }: CredentialParts): Credentials {
  let loaded: Promise<readonly FindCredential[]> | undefined;
  const others: FindCredential = async (origin, request) =>
    firstOf(await (loaded ??= places()), origin, request);
  return {
    async find(origin, { setting, ...request }) {
      const found =
        setting === undefined
          ? (environmentCredential(env, origin) ?? (await others(origin, request)))
          : await settingCredential(setting, { env, ...access }, request.signal);
      if (found !== undefined) registerSecret(secretOf(found.credential));
      return found;
    },
    async passphraseOf(keyFile, { signal }) {
      return (await store.get(passphraseName(keyFile), signal))?.value;
    },
    keysWithPassphrase: () =>
      store
        .list()
        .filter(({ name }) => name.startsWith(SSH_KEY))
        .map(({ name }) => name.slice(SSH_KEY.length)),
  };
}

const SSH_KEY = "ssh-key:";

/** Under which name the passphrase of a key file is stored. */
export function passphraseName(keyFile: string): string {
  return SSH_KEY + keyFile;
}

async function firstOf(
  places: readonly FindCredential[],
  origin: string,
  request: CredentialRequest,
): Promise<FoundCredential | undefined> {
  const failures: unknown[] = [];
  for (const find of places) {
    try {
      const found = await find(origin, request);
      if (found !== undefined) return found;
    } catch (error) {
      throwIfAborted(request.signal);
      failures.push(error);
    }
  }
  // To go on without would end in the server's "no token was given", which is not what is wrong.
  if (failures.length > 0) throw failures[0];
  return undefined;
}
