import { defineGroup } from "../command.ts";

export const deviceCommand = defineGroup({
  meta: {
    name: "device",
    details: [
      "Each device makes itself known in the remotes of its sources, under refs/lull/devices: not in your files, and not in the history of a branch. It says its name, its system, the version of lull, and once a day that it is still there.",
    ],
    examples: [
      { command: "lull device list", does: "the devices of all sources" },
      { command: "lull device rename work-laptop", does: "gives this one another name" },
      { command: "lull device forget old-phone", does: "takes one off the list" },
    ],
  },
  commands: {
    list: {
      summary: "Show the devices that take part in sources",
      load: async () => (await import("./device-list.ts")).deviceListCommand,
    },
    rename: {
      summary: "Give this device another name",
      load: async () => (await import("./device-rename.ts")).deviceRenameCommand,
    },
    forget: {
      summary: "Take a device off the list",
      load: async () => (await import("./device-forget.ts")).deviceForgetCommand,
    },
  },
});
