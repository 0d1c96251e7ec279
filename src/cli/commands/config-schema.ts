import { defineCommand } from "../command.ts";

export const configSchemaCommand = defineCommand({
  meta: {
    name: "config schema",
    details: [
      "Prints the same document with and without --json, so that an editor can use the file as it is.",
    ],
    examples: [
      { command: "lull config schema > lull.schema.json", does: "for the YAML support of an editor" },
    ],
  },
  args: {},
  run: async (session) => {
    const deps = await session.deps();
    session.io.stdout(`${JSON.stringify(await deps.config.jsonSchema(), undefined, 2)}\n`);
    return "ok";
  },
});
