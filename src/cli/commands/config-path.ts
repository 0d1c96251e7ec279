import { safeText } from "../../base/safe-text.ts";
import { defineCommand } from "../command.ts";

export const configPathCommand = defineCommand({
  meta: {
    name: "config path",
    details: ["The file need not exist yet."],
    examples: [{ command: '$EDITOR "$(lull config path)"', does: "edits the file by hand" }],
  },
  args: {},
  run: async (session) => {
    const { config } = await session.deps();
    if (session.out.json) session.out.document({ file: config.file, exists: config.exists() });
    else session.out.print([safeText(config.file)]);
    return "ok";
  },
});
