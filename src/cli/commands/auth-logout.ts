import { logOut } from "../../app/log-out.ts";
import { defineCommand } from "../command.ts";
import { LOGIN_PLACE } from "../login-flags.ts";
import { lookOf } from "../look-of.ts";
import { loggedOutLines } from "../print/auth.ts";

export const authLogoutCommand = defineCommand({
  meta: {
    name: "auth logout",
    details: ["The token itself stays valid until it is revoked on the server."],
    examples: [
      { command: "lull auth logout notes", does: "forgets the login to the host of a source" },
      { command: "lull auth logout --host github.com", does: "the same for a host" },
    ],
    exits: ["config"],
  },
  args: { ...LOGIN_PLACE },
  run: async (session, { source, host }) => {
    const { out, flags, signal } = session;
    const deps = await session.deps();
    const result = await logOut(deps, { source, host, dryRun: flags.dryRun }, { signal });
    if (out.json) out.document(result);
    else out.say(loggedOutLines(result, lookOf(session, deps)));
    return "ok";
  },
});
