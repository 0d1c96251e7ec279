import { addRecipient } from "../../app/settings/add-recipient.ts";
import type { ChangedRecipients } from "../../app/settings/change-recipients.ts";
import { defineCommand } from "../command.ts";
import { changeAfterAsking } from "../recipient-change.ts";
import { usageError } from "../usage-error.ts";

export const secretRecipientsAddCommand = defineCommand({
  meta: {
    name: "secret recipients add",
    details: [
      "Accepts one that waits, by its name, its key or the first characters of it, or adds a key that is given whole, with --name. Compare the key with what `lull secret list` shows on the device that it is for: a name proves nothing. Without a name it is about this device: puts it back when it was taken off, and takes in a new recovery key.",
      "All encrypted files are then encrypted anew for everybody in use, also those that this device does not gather; nothing in your home changes, and the next sync sends them. One that this device can not decrypt is named and stays as it is (exit code 1).",
    ],
    examples: [
      {
        command: "lull secret recipients add settings desktop",
        does: "accepts the device that waits under this name",
      },
      {
        command: "lull secret recipients add settings age1… --name phone",
        does: "adds a key that no device has brought into the list",
      },
      {
        command: "lull secret recipients add settings",
        does: "puts this device back, and encrypts everything anew",
      },
    ],
    exits: ["auth", "config", "conflict", "unsafe", "guard", "locked"],
  },
  args: {
    source: { type: "positional", required: true, valueHint: "SOURCE", description: "The settings source" },
    who: {
      type: "positional",
      required: false,
      valueHint: "NAME|KEY",
      description: "Whom to accept; left out: this device",
    },
    name: { type: "string", valueHint: "NAME", description: "What a key that is new is to be called" },
  },
  run: async (session, { source, who, name }) => {
    if (name !== undefined && who === undefined)
      throw usageError("BAD_FLAGS", "--name of which key?", "give the key (age1…) before it");
    const deps = await session.deps();
    const { signal } = session;
    const change = (from: {
      who: string | undefined;
      fetch: boolean;
      dryRun: boolean;
    }): Promise<ChangedRecipients> => addRecipient(deps, { source, name, ...from }, { signal });
    // About this device nothing has to be compared.
    const question =
      who === undefined ? undefined : "Is this the key that the device itself shows (lull secret list)?";
    return changeAfterAsking({ session, deps, who, change, question, warning: undefined });
  },
});
