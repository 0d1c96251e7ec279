import { listSources } from "../../app/list-sources.ts";
import { defineCommand } from "../command.ts";
import { lookOf } from "../look-of.ts";
import { listLines } from "../print/list.ts";

export const listCommand = defineCommand({
  meta: {
    name: "list",
    details: ["Reads the config only; `lull status` also looks into the folders."],
    examples: [{ command: "lull list", does: "names, folders and remotes" }],
  },
  args: {},
  run: async (session) => {
    const deps = await session.deps();
    const result = await listSources(deps);
    if (session.out.json) session.out.document(result);
    else session.out.print(listLines(result, lookOf(session, deps)));
    return "ok";
  },
});
