import type { ChangedRecipients } from "../../app/settings/change-recipients.ts";
import { removeRecipient } from "../../app/settings/remove-recipient.ts";
import { defineCommand } from "../command.ts";
import { AFTER_REMOVAL } from "../print/recipients.ts";
import { changeAfterAsking } from "../recipient-change.ts";

export const secretRecipientsRemoveCommand = defineCommand({
  meta: {
    name: "secret recipients remove",
    details: [
      `Nothing is encrypted for it any more, and all encrypted files are encrypted anew for the rest, also those that this device does not gather. ${AFTER_REMOVAL}`,
      "Other devices take the removal over with their next sync, and what they encrypt before that is still for it; `lull secret recipients add SOURCE` encrypts everything once more.",
      "The key of this device is taken off on another one. To replace the recovery key: `lull secret init --force`, `lull secret recipients add SOURCE`, then remove the old recovery key and the old identity here, by their keys. Each other device stops encrypting until you accept the new ones there (`lull secret recipients add SOURCE KEY`): nobody but you knows that they are not a stranger's.",
    ],
    examples: [
      { command: "lull secret recipients remove settings old-phone", does: "takes a device off" },
      {
        command: "lull secret recipients remove settings age1qx7d",
        does: "by the first characters of its key",
      },
    ],
    exits: ["config", "conflict", "unsafe", "guard", "locked"],
  },
  args: {
    source: { type: "positional", required: true, valueHint: "SOURCE", description: "The settings source" },
    who: { type: "positional", required: true, valueHint: "NAME|KEY", description: "Whom to take off" },
  },
  run: async (session, { source, who }) => {
    const deps = await session.deps();
    const { signal } = session;
    const change = (from: {
      who: string | undefined;
      fetch: boolean;
      dryRun: boolean;
    }): Promise<ChangedRecipients> =>
      removeRecipient(deps, { source, ...from, who: from.who ?? who }, { signal });
    const question = "Take it off and encrypt everything anew for the rest?";
    return changeAfterAsking({ session, deps, who, change, question, warning: AFTER_REMOVAL });
  },
});
