/**
 * Which `Authorization` header goes to which origin. A credential leaves this file only for the origin it was
 * asked for, and only when that origin has asked (401) or is about to be written to.
 */

/** A token stands for `x-access-token:<token>`, which GitHub, GitLab, Gitea and Bitbucket all accept. */
export type Credential =
  | { readonly username: string; readonly password: string }
  | { readonly token: string };

/** @param origin scheme, host and port, e.g. `https://github.com` */
export type CredentialProvider = (origin: string) => Promise<Credential | undefined>;

/** Returns the header's value. */
export function basicAuthorization(credential: Credential): string {
  const pair =
    "token" in credential
      ? `x-access-token:${credential.token}`
      : `${credential.username}:${credential.password}`;
  return `Basic ${Buffer.from(pair, "utf8").toString("base64")}`;
}

/** Remembers which origins want a credential, so that only the first request to each is in vain. */
export type ChallengeMemory = { has(origin: string): boolean; add(origin: string): void };

export class OriginCredentials {
  readonly #provider: CredentialProvider;
  readonly #challenged: ChallengeMemory;
  readonly #known = new Map<string, Credential | undefined>();

  constructor(provider: CredentialProvider, challenged: ChallengeMemory) {
    this.#provider = provider;
    this.#challenged = challenged;
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
    return !alreadySent && (await this.#lookUp(origin)) !== undefined;
  }

  async #lookUp(origin: string): Promise<Credential | undefined> {
    if (!this.#known.has(origin)) this.#known.set(origin, await this.#provider(origin));
    return this.#known.get(origin);
  }
}
