import { setSecret } from "../../app/set-secret.ts";
import { safeText } from "../../base/safe-text.ts";
import { defineCommand } from "../command.ts";
import { lookOf } from "../look-of.ts";
import { storedPlaceLines } from "../print/auth.ts";
import { readSecret } from "../read-secret.ts";
import { SECRET_NAME } from "../secret-flags.ts";

export const secretSetCommand = defineCommand({
  meta: {
    name: "secret set",
    takesSecret: true,
    details: [
      "The value is typed without showing, or read from stdin; never from the command line, which others can see.",
    ],
    examples: [
      { command: "lull secret set https://git.example.com", does: "asks for the token" },
      { command: "pass show git | lull secret set https://git.example.com", does: "takes it from a program" },
    ],
  },
  args: { ...SECRET_NAME },
  run: async (session, { name }) => {
    const { out, signal } = session;
    const value = await readSecret(session, `Secret for ${safeText(name)}`);
    const deps = await session.deps();
    const stored = await setSecret(deps, { name, value }, { signal });
    if (out.json) out.document(stored);
    else out.say(storedPlaceLines(`Stored ${safeText(stored.name)}`, stored, lookOf(session, deps)));
    return "ok";
  },
});
