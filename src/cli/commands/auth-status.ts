import { checkLogin } from "../../app/check-login.ts";
import { defineCommand } from "../command.ts";
import { gravestKind } from "../gravest-kind.ts";
import { lookOf } from "../look-of.ts";
import { loginCheckLines } from "../print/auth.ts";
import { showWarnings } from "../show-warnings.ts";
import { sourceNames } from "../source-names.ts";

export const authStatusCommand = defineCommand({
  meta: {
    name: "auth status",
    details: [
      "Asks each remote for its branches with the credential that a sync would use, without showing it. It exits with 4 when one is refused, and with 3 when a remote can not be reached.",
    ],
    examples: [
      { command: "lull auth status", does: "all sources" },
      { command: "lull auth status notes --json", does: "one source, for a program" },
    ],
    exits: ["config", "unreachable", "auth"],
  },
  args: { ...sourceNames("check") },
  run: async (session, { names }) => {
    const deps = await session.deps();
    const { checks, warnings } = await checkLogin(deps, { names }, { signal: session.signal });
    showWarnings(session, warnings);
    if (session.out.json) session.out.document({ checks, warnings });
    else session.out.print(loginCheckLines(checks, lookOf(session, deps)));
    return gravestKind(checks.flatMap(({ test }) => (test.kind === "works" ? [] : [test.error.kind])));
  },
});
