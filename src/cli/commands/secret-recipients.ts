import { defineGroup } from "../command.ts";

export const secretRecipientsCommand = defineGroup({
  meta: {
    name: "secret recipients",
    details: [
      "The list lies in the managed repository of each settings source (.lull/recipients.json), and a device adds itself with the first file that it encrypts. As whoever can push can write the list, a key that comes in later waits until you accept it, on each device; the first time that a device meets a source it takes the list over as it is.",
      "A file that is encrypted from now on may stand in clear in the history; the sync that encrypts it first says so. Whoever has a copy of the repository can read that: change the password, token or key in it. To leave the history behind as well, begin a new repository: make an empty one where the remote lives. On each device, move away the folder settings/SOURCE below lull's data folder (~/.local/share/lull on Linux, ~/Library/Application Support/lull on macOS, %LOCALAPPDATA%\\lull\\data on Windows), run `lull config set sources.SOURCE.remote URL` and `lull sync SOURCE`, which stops because another repository is there; `lull allow SOURCE` says that it is meant, and `lull sync SOURCE` gathers anew. Then remove the old repository from the host, and the folders that were moved away.",
    ],
    examples: [
      { command: "lull secret recipients list", does: "who can read what is encrypted" },
      { command: "lull secret recipients add settings desktop", does: "accepts a device that waits" },
      { command: "lull secret recipients remove settings old-phone", does: "takes one off" },
    ],
  },
  commands: {
    list: {
      summary: "Show who the encrypted files are for",
      aliases: ["ls"],
      load: async () => (await import("./secret-recipients-list.ts")).secretRecipientsListCommand,
    },
    add: {
      summary: "Accept a device or add a key, and encrypt everything anew",
      load: async () => (await import("./secret-recipients-add.ts")).secretRecipientsAddCommand,
    },
    remove: {
      summary: "Take a device or a key off, and encrypt everything anew",
      aliases: ["rm"],
      load: async () => (await import("./secret-recipients-remove.ts")).secretRecipientsRemoveCommand,
    },
  },
});
