import { defineGroup } from "../command.ts";

export const appsCommand = defineGroup({
  meta: {
    name: "apps",
    details: [
      "lull knows where some hundreds of apps keep their settings. A settings source gathers those that you choose into a repository; `lull adopt` and `lull restore` bring them to another machine.",
    ],
    examples: [
      { command: "lull apps detect", does: "what of them is on this machine; changes nothing" },
      { command: "lull apps show vscode", does: "each file of one app that would be gathered" },
      { command: "lull apps add git vscode", does: "gathers these from the next sync on" },
    ],
  },
  commands: {
    detect: {
      summary: "Show which apps are on this machine, and what would be gathered",
      load: async () => (await import("./apps-detect.ts")).appsDetectCommand,
    },
    list: {
      summary: "List the apps that lull knows",
      aliases: ["ls"],
      load: async () => (await import("./apps-list.ts")).appsListCommand,
    },
    show: {
      summary: "Show an app's files here, and what becomes of them",
      load: async () => (await import("./apps-show.ts")).appsShowCommand,
    },
    add: {
      summary: "Gather apps from the next sync on",
      load: async () => (await import("./apps-add.ts")).appsAddCommand,
    },
    remove: {
      summary: "Gather apps no longer; what is gathered stays",
      aliases: ["rm"],
      load: async () => (await import("./apps-remove.ts")).appsRemoveCommand,
    },
  },
});
