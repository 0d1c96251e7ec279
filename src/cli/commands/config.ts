import { defineGroup } from "../command.ts";

export const configCommand = defineGroup({
  meta: {
    name: "config",
    details: [
      "The config is one YAML file; comments and layout survive every change that lull makes. After editing it by hand, `lull config check` finds mistakes.",
    ],
    examples: [
      { command: "lull config path", does: "where the file is" },
      { command: "lull config set device work-laptop", does: "changes one value" },
    ],
  },
  commands: {
    show: {
      summary: "Print the config file",
      load: async () => (await import("./config-show.ts")).configShowCommand,
    },
    get: {
      summary: "Print one value",
      load: async () => (await import("./config-get.ts")).configGetCommand,
    },
    set: {
      summary: "Change one value",
      load: async () => (await import("./config-set.ts")).configSetCommand,
    },
    check: {
      summary: "Find mistakes in the config file",
      load: async () => (await import("./config-check.ts")).configCheckCommand,
    },
    schema: {
      summary: "Print the JSON Schema of the config file, for editors",
      load: async () => (await import("./config-schema.ts")).configSchemaCommand,
    },
    path: {
      summary: "Print where the config file is",
      load: async () => (await import("./config-path.ts")).configPathCommand,
    },
  },
});
