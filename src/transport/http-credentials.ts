/**
 * Which `Authorization` header goes to which origin. A credential leaves this file only for the origin it was
 * asked for, and only when that origin has asked (401) or is about to be written to.
 */

import { type Credential, type CredentialProvider, isSameCredential, secretOf } from "../base/credential.ts";
import { registerSecret } from "../base/redact.ts";

/** Returns the header's value. */
export function basicAuthorization(credential: Credential): string {
  const username = "token" in credential ? "x-access-token" : credential.username;
  const pair = `${username}:${secretOf(credential)}`;
  const encoded = Buffer.from(pair, "utf8").toString("base64");
  for (const secret of [secretOf(credential), encoded]) registerSecret(secret);
  return `Basic ${encoded}`;
}

/** Remembers which origins want a credential, so that only the first request to each is in vain. */
export type ChallengeMemory = { has(origin: string): boolean; add(origin: string): void };

export class OriginCredentials {
  readonly #provider: CredentialProvider;
  readonly #challenged: ChallengeMemory;
  readonly #signal: AbortSignal;
  readonly #url: string;
  readonly #known = new Map<string, Credential>();
  /** Origins that asked and for which nothing was found: nobody is asked a second time. */
  readonly #without = new Set<string>();
  /** Origins whose credential was asked for a second time. */
  readonly #renewed = new Set<string>();

  /** @param options.url the repository, without a credential */
  constructor(options: {
    readonly provider: CredentialProvider;
    readonly challenged: ChallengeMemory;
    readonly url: string;
    readonly signal: AbortSignal;
  }) {
    this.#provider = options.provider;
    this.#challenged = options.challenged;
    this.#url = options.url;
    this.#signal = options.signal;
  }

  /**
   * Returns the header for an origin, or undefined. `writing` gives it unasked: some servers ask only at the
   * POST of a push, whose body can not be sent twice.
   */
  async authorization(origin: string, writing: boolean): Promise<string | undefined> {
    if (!writing && !this.#challenged.has(origin)) return undefined;
    const credential = await this.#lookUp(origin);
    return credential === undefined ? undefined : basicAuthorization(credential);
  }

  /** Notes a 401. Returns true when there is a credential to try that was not sent yet. */
  async challenge(origin: string, alreadySent: boolean): Promise<boolean> {
    this.#challenged.add(origin);
    if (alreadySent) return this.#renew(origin);
    return (await this.#lookUp(origin)) !== undefined;
  }

  async #lookUp(origin: string): Promise<Credential | undefined> {
    const known = this.#known.get(origin);
    if (known !== undefined || this.#without.has(origin)) return known;
    const challenge = this.#challengeOf(origin);
    const found = await this.#provider(origin, { signal: this.#signal, challenge });
    if (found !== undefined) this.#known.set(origin, found);
    else if (challenge !== undefined) this.#without.add(origin);
    return found;
  }

  #challengeOf(origin: string): { readonly url: string } | undefined {
    return this.#challenged.has(origin) ? { url: this.#url } : undefined;
  }

  /** A token may have been renewed or revoked early; once a connection, or two bad tokens would take turns. */
  async #renew(origin: string): Promise<boolean> {
    const refused = this.#known.get(origin);
    if (refused === undefined || this.#renewed.has(origin)) return false;
    this.#renewed.add(origin);
    const challenge = this.#challengeOf(origin);
    const next = await this.#provider(origin, { signal: this.#signal, refused, challenge });
    if (next === undefined || isSameCredential(next, refused)) return false;
    this.#known.set(origin, next);
    return true;
  }
}
