import { diffSources } from "../../app/diff-source.ts";
import { defineCommand } from "../command.ts";
import { lookOf } from "../look-of.ts";
import { diffLines } from "../print/diff.ts";

export const diffCommand = defineCommand({
  meta: {
    name: "diff",
    details: ["Looks at this machine only: what is still to be received is known from the last fetch."],
    examples: [
      { command: "lull diff notes", does: "line by line" },
      { command: "lull diff --names", does: "the names of the files, for all sources" },
    ],
    exits: ["unsafe", "guard"],
  },
  args: {
    names: { type: "boolean", description: "Show the names of the files only" },
    sources: {
      type: "positional",
      required: false,
      variadic: true,
      valueHint: "NAME",
      description: "Sources to compare; all of them when none is named",
    },
  },
  run: async (session, { names, sources }) => {
    const deps = await session.deps();
    const diffs = await diffSources(deps, { names: sources }, { signal: session.signal });
    if (session.out.json) session.out.document({ sources: diffs });
    else session.out.print(diffLines(diffs, { names }, lookOf(session, deps)));
    return "ok";
  },
});
