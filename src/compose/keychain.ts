/** The keychain alone, for the short process that does nothing else and should be quick to start. */
export { answerKeychain } from "../secrets/keychain-access.ts";
