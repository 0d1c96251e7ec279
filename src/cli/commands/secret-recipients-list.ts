import { listRecipients } from "../../app/settings/list-recipients.ts";
import { defineCommand } from "../command.ts";
import { lookOf } from "../look-of.ts";
import { recipientLines } from "../print/recipients.ts";

export const secretRecipientsListCommand = defineCommand({
  meta: {
    name: "secret recipients list",
    details: [
      "As the list lies on this machine since the last sync. `used`: what this device encrypts is encrypted for it. `waits for you`: it stands in the list, and nothing is encrypted for it here before you accept it; whoever can push can put a key there. `taken off`: nothing is encrypted for it any more.",
    ],
    examples: [
      { command: "lull secret recipients list", does: "of all settings sources" },
      { command: "lull secret recipients list settings --json", does: "of one, for a program" },
    ],
    exits: ["config", "unsafe"],
  },
  args: {
    source: {
      type: "positional",
      required: false,
      valueHint: "SOURCE",
      description: "Only this settings source",
    },
  },
  run: async (session, { source }) => {
    const deps = await session.deps();
    const sources = await listRecipients(deps, { name: source });
    if (session.out.json) session.out.document({ sources });
    else session.out.print(recipientLines(sources, lookOf(session, deps)));
    return "ok";
  },
});
