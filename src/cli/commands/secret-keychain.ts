import { defineCommand } from "../command.ts";
import { readSecret } from "../read-secret.ts";

/** Not for people: see `secrets/keychain.ts`. */
export const secretKeychainCommand = defineCommand({
  meta: {
    name: "secret keychain",
    details: ["lull starts it to ask the keychain; it is of no use by hand."],
    examples: [],
  },
  args: {},
  run: async (session) => {
    const request = await readSecret(session, undefined);
    const { answerKeychain } = await import("../../compose/keychain.ts");
    session.io.stdout(await answerKeychain(request));
    return "ok";
  },
});
