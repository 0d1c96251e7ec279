import { removeSecret } from "../../app/remove-secret.ts";
import { safeText } from "../../base/safe-text.ts";
import { defineCommand } from "../command.ts";
import { SECRET_NAME } from "../secret-flags.ts";

export const secretRmCommand = defineCommand({
  meta: {
    name: "secret rm",
    details: ["Removes it from this machine only; a token stays valid on its server."],
    examples: [{ command: "lull secret rm https://git.example.com", does: "forgets the token" }],
  },
  args: { ...SECRET_NAME },
  run: async (session, { name }) => {
    const { out, flags, signal } = session;
    const removed = await removeSecret(await session.deps(), { name, dryRun: flags.dryRun }, { signal });
    const verb = removed.dryRun ? "Would remove" : "Removed";
    if (out.json) out.document(removed);
    else out.say([`${out.style.green(out.symbols.done)} ${verb} the secret ${safeText(removed.name)}`]);
    return "ok";
  },
});
