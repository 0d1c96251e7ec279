import { getEncryption } from "../../app/get-encryption.ts";
import { defineCommand } from "../command.ts";
import { lookOf } from "../look-of.ts";
import { secretListLines } from "../print/auth.ts";
import { encryptionLines } from "../print/encryption.ts";

export const secretListCommand = defineCommand({
  meta: {
    name: "secret list",
    details: [
      "Where there is an age identity (`lull secret init`) it shows its public key, which other devices encrypt for. Names that begin with `age:` are identities to decrypt with.",
    ],
    examples: [{ command: "lull secret list --json", does: "for a program" }],
  },
  args: {},
  run: async (session) => {
    const deps = await session.deps();
    const secrets = deps.secrets.list();
    const encryption = await getEncryption(deps);
    const look = lookOf(session, deps);
    if (session.out.json) session.out.document({ secrets, encryption: encryption ?? null });
    else {
      session.out.print(secretListLines(secrets, look));
      if (encryption !== undefined) session.out.print(["", ...encryptionLines(encryption, look)]);
    }
    return "ok";
  },
});
