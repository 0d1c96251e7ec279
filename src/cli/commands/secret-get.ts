import { getSecret } from "../../app/get-secret.ts";
import { defineCommand } from "../command.ts";
import { SECRET_NAME } from "../secret-flags.ts";

export const secretGetCommand = defineCommand({
  meta: {
    name: "secret get",
    details: ["Prints the secret itself to stdout, and nothing else."],
    examples: [{ command: "lull secret get https://git.example.com", does: "prints the token" }],
    exits: ["auth"],
  },
  args: { ...SECRET_NAME },
  run: async (session, { name }) => {
    const deps = await session.deps();
    const secret = await getSecret(deps, { name }, { signal: session.signal });
    if (session.out.json) session.out.document(secret);
    else session.out.print([secret.value]);
    return "ok";
  },
});
