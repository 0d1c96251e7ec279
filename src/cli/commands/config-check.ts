import { checkConfig } from "../../app/config-file.ts";
import { safeText } from "../../base/safe-text.ts";
import { defineCommand } from "../command.ts";
import { showWarnings } from "../show-warnings.ts";
import { count } from "../text-layout.ts";

export const configCheckCommand = defineCommand({
  meta: {
    name: "config check",
    details: [
      "Names every mistake with its line, the column and, where there is one, the nearest valid word.",
    ],
    examples: [{ command: "lull config check", does: "after editing the file by hand" }],
  },
  args: {},
  run: async (session) => {
    const { out } = session;
    const checked = await checkConfig(await session.deps());
    if (out.json) out.document(checked);
    else {
      showWarnings(session, checked.warnings);
      const sources = count(checked.sources, "source");
      out.say([
        `${out.style.green(out.symbols.done)} ${safeText(checked.file)} is valid: ${sources}`,
        checked.sources === 0 ? "Next: lull add FOLDER" : "Next: lull schedule, to see when they are due",
      ]);
    }
    return "ok";
  },
});
