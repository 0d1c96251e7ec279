import {
  type Credential,
  type CredentialProvider,
  type CredentialRequest,
  isSameCredential,
} from "../base/credential.ts";
import { LullError } from "../base/errors.ts";
import { parseCredential } from "../base/parse-credential.ts";
import type { FoundCredential } from "../secrets/credentials.ts";
import type { Deps } from "./deps.ts";
import { type LoggedInAt, logIn } from "./log-in.ts";
import { type LoginTarget, loginTarget } from "./login-target.ts";

export type LoginQuestions = {
  /**
   * Asks the person for a token, or `user:password`.
   * @param problem what the server said to the one before; undefined: it is the first
   * @returns as typed; empty: the person has none
   */
  readonly askCredential: (origin: string, problem: string | undefined) => Promise<string>;
  readonly loggedIn: (result: LoggedInAt) => void;
};

const MOST_TRIES = 3;

/**
 * The last place of a credential: the person. Asked only for a server that wants one, where no other place has any or
 * where what was stored is refused. What the server takes is stored as by `lull auth login`, so that it is asked once.
 */
export function askForLogin(deps: () => Deps, questions: LoginQuestions): CredentialProvider {
  const declined = new Set<string>();
  let last: Promise<unknown> = Promise.resolve();
  return async (origin, request) => {
    const { challenge, signal } = request;
    const found = await deps().credentials.find(origin, request);
    if (challenge === undefined || !isInNeed(found, request)) return found?.credential;
    const ask = async (): Promise<Credential | undefined> => {
      // Sources that sync side by side often want the same one, which was typed meanwhile.
      const now = await deps().credentials.find(origin, { signal });
      if (declined.has(origin) || !isInNeed(now, request)) return now?.credential;
      const known = await loginTarget(deps(), { source: undefined, host: origin });
      const given = await askUntilTaken(deps(), questions, { ...known, url: challenge.url }, signal);
      if (given === undefined) declined.add(origin);
      return given ?? now?.credential;
    };
    const turn = last.then(ask);
    last = turn.catch(() => {});
    return turn;
  };
}

/** A refused one of another place than the store would go before what is stored now. */
function isInNeed(found: FoundCredential | undefined, { refused }: CredentialRequest): boolean {
  if (found === undefined) return true;
  const isStored = found.place === "keychain" || found.place === "file";
  return isStored && refused !== undefined && isSameCredential(found.credential, refused);
}

async function askUntilTaken(
  deps: Deps,
  { askCredential, loggedIn }: LoginQuestions,
  target: LoginTarget,
  signal: AbortSignal,
): Promise<Credential | undefined> {
  let problem: string | undefined;
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const typed = await askCredential(target.origin, problem);
    const credential = parseCredential(typed);
    if (credential === undefined) return undefined;
    try {
      loggedIn(await logIn(deps, { target, credential, stored: typed.trim(), dryRun: false }, { signal }));
      return credential;
    } catch (error) {
      if (!(error instanceof LullError) || error.kind !== "auth") throw error;
      problem = error.message;
    }
  }
  return undefined;
}
