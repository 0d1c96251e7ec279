import { getConfigValue } from "../../app/config-file.ts";
import { safeText } from "../../base/safe-text.ts";
import { defineCommand } from "../command.ts";

export const configGetCommand = defineCommand({
  meta: {
    name: "config get",
    details: ["Prints what the file says, or the default where it says nothing."],
    examples: [
      { command: "lull config get device", does: "this machine's name" },
      { command: "lull config get sources.notes.remote", does: "a value of one source" },
    ],
  },
  args: {
    key: { type: "positional", required: true, valueHint: "KEY", description: "Dotted path of the value" },
  },
  run: async (session, { key }) => {
    const found = await getConfigValue(await session.deps(), key);
    if (session.out.json) session.out.document({ path: found.path, value: found.value ?? null });
    else session.out.print([shownValue(found.value)]);
    return "ok";
  },
});

/** Text as it is, everything else as JSON. */
export function shownValue(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? safeText(value) : safeText(JSON.stringify(value));
}
