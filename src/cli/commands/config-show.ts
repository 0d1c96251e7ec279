import { showConfig } from "../../app/config-file.ts";
import { defineCommand } from "../command.ts";
import { safeContent } from "../safe-content.ts";
import { showWarnings } from "../show-warnings.ts";

export const configShowCommand = defineCommand({
  meta: {
    name: "config show",
    details: [
      "Prints the file as it stands, but a password inside a URL as ***; with --json also the values that follow from it, all defaults filled in.",
    ],
    examples: [
      { command: "lull config show", does: "the file" },
      { command: "lull config show --json", does: "what lull makes of it" },
    ],
  },
  args: {},
  run: async (session) => {
    const shown = await showConfig(await session.deps());
    showWarnings(session, shown.warnings);
    if (session.out.json) session.out.document(shown);
    else session.out.print(safeContent(shown.text));
    return "ok";
  },
});
