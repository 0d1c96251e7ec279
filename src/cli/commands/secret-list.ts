import { defineCommand } from "../command.ts";
import { lookOf } from "../look-of.ts";
import { secretListLines } from "../print/auth.ts";

export const secretListCommand = defineCommand({
  meta: {
    name: "secret list",
    examples: [{ command: "lull secret list --json", does: "for a program" }],
  },
  args: {},
  run: async (session) => {
    const deps = await session.deps();
    const secrets = deps.secrets.list();
    if (session.out.json) session.out.document({ secrets });
    else session.out.print(secretListLines(secrets, lookOf(session, deps)));
    return "ok";
  },
});
