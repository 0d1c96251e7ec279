import { askForLogin, type LoginQuestions } from "../app/ask-for-login.ts";
import type { Deps } from "../app/deps.ts";
import type { CredentialProvider } from "../base/credential.ts";

/** What remotes get whose source has no credential of its own. @param questions undefined: nobody is there to ask */
export function remoteCredentials(
  deps: () => Deps,
  questions: LoginQuestions | undefined,
): CredentialProvider {
  if (questions !== undefined) return askForLogin(deps, questions);
  return async (origin, request) => (await deps().credentials.find(origin, request))?.credential;
}
