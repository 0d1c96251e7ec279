import { setConfigValue } from "../../app/config-file.ts";
import { safeText } from "../../base/safe-text.ts";
import { defineCommand } from "../command.ts";
import { shownValue } from "./config-get.ts";

export const configSetCommand = defineCommand({
  meta: {
    name: "config set",
    details: [
      "The change is checked first; one that would make the file invalid is refused and nothing is written.",
    ],
    examples: [
      { command: "lull config set device study", does: "renames this machine" },
      { command: "lull config set sources.notes.message 'Notes of {date}'", does: "changes one source" },
    ],
  },
  args: {
    key: { type: "positional", required: true, valueHint: "KEY", description: "Dotted path of the value" },
    value: { type: "positional", required: true, valueHint: "VALUE", description: "The new value, as YAML" },
  },
  run: async (session, { key, value }) => {
    const { out, flags } = session;
    const result = await setConfigValue(await session.deps(), { path: key, value, dryRun: flags.dryRun });
    if (out.json) {
      out.document({ ...result, before: result.before ?? null, after: result.after ?? null });
      return "ok";
    }
    const before = shownValue(result.before);
    const was = before === "" ? "" : ` (was ${before})`;
    const verb = result.dryRun ? "Would set" : "Set";
    out.say([
      `${out.style.green(out.symbols.done)} ${verb} ${safeText(result.path)} to ${shownValue(result.after)}${was}`,
    ]);
    return "ok";
  },
});
