/** What `lull auth login` stored for an origin; a token that expires is renewed here, in time and after a refusal. */
import type { Credential } from "../base/credential.ts";
import { isSameCredential } from "../base/credential.ts";
import { LullError } from "../base/errors.ts";
import type { FindCredential, FoundCredential } from "./credentials.ts";
import { parseCredential } from "../base/parse-credential.ts";
import { type OAuthParts, tokenSetOf } from "./device-flow.ts";
import type { RevealedSecret, SecretStore, StoredSecret } from "./secret-store.ts";
import { credentialOf, encodeTokenSet, readTokenSet, type TokenSet } from "./token-set.ts";

export type StoredParts = OAuthParts & {
  readonly store: SecretStore;
  /** One process at a time: of two that use the same refresh token the server takes the second for a thief. */
  readonly lock: (signal: AbortSignal) => Promise<Disposable>;
  /** Told when a renewed token could not go where the old one was. */
  readonly warn: (message: string) => void;
};

/** A sync that has just begun should end with the token that it began with. */
const RENEW_BEFORE_MS = 5 * 60_000;

/** @throws LullError `LOGIN_ENDED`, `KEYCHAIN_LOCKED` (kind `auth`), `OAUTH_UNREACHABLE` (kind `unreachable`) */
export function storedCredentials(parts: StoredParts): FindCredential {
  return async (origin, { signal, refused }) => {
    const stored = await parts.store.get(origin, signal);
    if (stored === undefined) return undefined;
    const set = readTokenSet(stored.value);
    if (set === undefined) return plain(stored);
    const isDue = needsRenewal(set, parts.clock.now(), refused);
    return found(isDue ? await renew(origin, parts, { set, signal, refused }) : set, stored);
  };
}

function plain(stored: RevealedSecret): FoundCredential | undefined {
  const credential = parseCredential(stored.value);
  return credential && { credential, place: stored.place, from: placeWords(stored) };
}

function found(set: TokenSet, stored: StoredSecret): FoundCredential {
  return {
    credential: credentialOf(set),
    place: stored.place,
    from: placeWords(stored),
    expiresAt: set.expiresAt,
    renews: set.refreshToken !== undefined,
  };
}

function placeWords({ place }: StoredSecret): string {
  return place === "keychain" ? "the keychain (`lull auth login`)" : "lull's own file (`lull auth login`)";
}

function needsRenewal(set: TokenSet, now: number, refused: Credential | undefined): boolean {
  if (refused !== undefined && isSameCredential(refused, credentialOf(set)))
    return set.refreshToken !== undefined;
  return set.expiresAt !== undefined && set.expiresAt - RENEW_BEFORE_MS <= now;
}

type Renewal = {
  readonly set: TokenSet;
  readonly signal: AbortSignal;
  readonly refused: Credential | undefined;
};

async function renew(
  origin: string,
  parts: StoredParts,
  { set, signal, refused }: Renewal,
): Promise<TokenSet> {
  using _ = await parts.lock(signal);
  // Another process may have done it while this one waited.
  const now = readTokenSet((await parts.store.get(origin, signal))?.value ?? "") ?? set;
  if (!needsRenewal(now, parts.clock.now(), refused)) return now;
  const isOver = now.expiresAt !== undefined && now.expiresAt <= parts.clock.now();
  if (now.refreshToken === undefined) {
    if (isOver) throw loginEnded(origin, "its token has expired and can not be renewed");
    return now;
  }
  try {
    const next = await askForNext(now, now.refreshToken, parts, signal);
    const { why } = await parts.store.set(origin, encodeTokenSet(next), signal);
    if (why !== undefined && parts.store.find(origin)?.place === "file") {
      parts.warn(`the renewed token of ${origin} is stored in a file that only you can read: ${why}`);
    }
    return next;
  } catch (error) {
    // It is good for some minutes more; the next sync tries again.
    if (error instanceof LullError && error.kind === "unreachable" && !isOver && refused === undefined)
      return now;
    if (error instanceof LullError && error.code === "OAUTH_FAILED")
      throw loginEnded(origin, error.message, error);
    throw error;
  }
}

async function askForNext(
  set: TokenSet,
  refreshToken: string,
  { ask, clock }: OAuthParts,
  signal: AbortSignal,
): Promise<TokenSet> {
  const form = { grant_type: "refresh_token", refresh_token: refreshToken, client_id: set.clientId };
  const next = tokenSetOf(await ask(set.tokenUrl, form, signal), set, clock);
  // A server that leaves it out means that the old one stays (RFC 6749, 6).
  return { ...next, refreshToken: next.refreshToken ?? refreshToken };
}

function loginEnded(origin: string, why: string, cause?: unknown): LullError {
  return new LullError({
    kind: "auth",
    code: "LOGIN_ENDED",
    message: `the login to ${origin} has ended: ${why}`,
    causes: ["access was revoked on the server", "nobody has synced for so long that the login expired"],
    hint: `log in again: lull auth login --host ${origin}`,
    data: { origin },
    cause,
  });
}
