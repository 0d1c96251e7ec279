/** What proves to a remote who asks, in the words that both sides of the question share. */

/** A token stands for `x-access-token:<token>`, which GitHub, GitLab, Gitea and Bitbucket all accept. */
export type Credential =
  | { readonly username: string; readonly password: string }
  | { readonly token: string };

/** The part that nobody else may know. */
export function secretOf(credential: Credential): string {
  return "token" in credential ? credential.token : credential.password;
}

export type CredentialRequest = {
  readonly signal: AbortSignal;
  /** The server has just refused this one (401): one that can be renewed is, any other is given again. */
  readonly refused?: Credential | undefined;
  /** The server asks for one, now or the last time, for this repository; left out: it is offered to it unasked. */
  readonly challenge?: { readonly url: string } | undefined;
};

/** @param origin scheme, host and port, e.g. `https://github.com` */
export type CredentialProvider = (
  origin: string,
  request: CredentialRequest,
) => Promise<Credential | undefined>;

export function isSameCredential(one: Credential, other: Credential): boolean {
  if ("token" in one) return "token" in other && one.token === other.token;
  return "username" in other && one.username === other.username && one.password === other.password;
}
