import { showApp } from "../../app/settings/show-app.ts";
import { defineCommand } from "../command.ts";
import { lookOf } from "../look-of.ts";
import { shownAppLines } from "../print/apps.ts";
import { showWarnings } from "../show-warnings.ts";

export const appsShowCommand = defineCommand({
  meta: {
    name: "apps show",
    details: ["Looks at names and sizes only. No file is opened, and nothing is changed."],
    examples: [
      { command: "lull apps show git", does: "its files here, what is left out, what is encrypted" },
      { command: "lull apps show vscode --verbose", does: "each single file" },
      {
        command: "lull apps show git --definition > ~/.config/lull/apps/git.yaml",
        does: "begins a definition of your own",
      },
    ],
  },
  args: {
    app: { type: "positional", required: true, valueHint: "APP", description: "As `lull apps list` has it" },
    definition: { type: "boolean", description: "Print only the YAML that says this of the app" },
  },
  run: async (session, { app: id, definition }) => {
    const deps = await session.deps();
    const { out, flags, signal } = session;
    const app = await showApp(deps, { id }, { signal });
    if (out.json) out.document(app);
    else if (definition) out.print(app.definition.trimEnd().split("\n"));
    else out.print(shownAppLines(app, { verbose: flags.verbose }, lookOf(session, deps)));
    showWarnings(session, app.problems);
    return "ok";
  },
});
