import { defineGroup } from "../command.ts";

export const secretCommand = defineGroup({
  meta: {
    name: "secret",
    details: [
      "Secrets lie in the system's keychain; where there is none, in files below lull's state folder that only you can read (mode 0600), and lull says so. The name says what a secret is for: the address of a host (https://git.example.com) holds its token or user:password, `ssh-key:` and the path of a key file its passphrase, which opens the key for syncs without you, by your own `ssh` or by lull's.",
    ],
    examples: [
      { command: "lull secret set ssh-key:~/.ssh/id_ed25519", does: "asks for the passphrase of a key" },
      { command: "lull secret list", does: "names and places, no values" },
      { command: "lull secret init", does: "makes the keys that files are encrypted with" },
    ],
  },
  commands: {
    set: {
      summary: "Store a secret that is typed or comes from stdin",
      load: async () => (await import("./secret-set.ts")).secretSetCommand,
    },
    get: {
      summary: "Print a secret",
      load: async () => (await import("./secret-get.ts")).secretGetCommand,
    },
    rm: {
      summary: "Remove a secret",
      aliases: ["remove"],
      load: async () => (await import("./secret-rm.ts")).secretRmCommand,
    },
    init: {
      summary: "Make this device's age identity and a recovery key",
      load: async () => (await import("./secret-init.ts")).secretInitCommand,
    },
    recover: {
      summary: "Take the recovery key, on a new device",
      load: async () => (await import("./secret-recover.ts")).secretRecoverCommand,
    },
    recipients: {
      summary: "Show and change who can read what a source encrypts",
      load: async () => (await import("./secret-recipients.ts")).secretRecipientsCommand,
    },
    list: {
      summary: "List names and places of secrets, without their values",
      aliases: ["ls"],
      load: async () => (await import("./secret-list.ts")).secretListCommand,
    },
    keychain: {
      summary: "Ask the keychain, for lull itself",
      hidden: true,
      load: async () => (await import("./secret-keychain.ts")).secretKeychainCommand,
    },
    askpass: {
      summary: "Answer ssh's question for a passphrase, for lull itself",
      hidden: true,
      load: async () => (await import("./secret-askpass.ts")).secretAskpassCommand,
    },
  },
});
