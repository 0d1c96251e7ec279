import type { AddSourceInput } from "../../app/add-source.ts";
import { initLull, type InitResult } from "../../app/init-lull.ts";
import { shortPath } from "../../app/user-path.ts";
import { safeText } from "../../base/safe-text.ts";
import { defineCommand } from "../command.ts";
import { askerOf } from "../asker.ts";
import { initFrom } from "../init-from.ts";
import { askSetup } from "../init-wizard.ts";
import { lookOf } from "../look-of.ts";
import { addedLines } from "../print/added.ts";
import type { Look } from "../print/look.ts";
import type { Session } from "../session.ts";
import { showWarnings } from "../show-warnings.ts";
import { SOURCE_FLAGS } from "../source-flags.ts";
import { usageError } from "../usage-error.ts";

export const initCommand = defineCommand({
  meta: {
    name: "init",
    details: [
      "On a terminal it asks what it needs to know; every question is also an option. A config that is there already is kept. No file in the folder is changed.",
      "With --from it reads the setup of another tool and shows what it would write, what it can not carry over and what to do about the other tool; it writes after a yes only (--yes where there is no terminal, --dry-run to look). Nothing of the other tool and no file of the home is changed. Run again, it adds what is new.",
    ],
    examples: [
      { command: "lull init", does: "asks step by step" },
      { command: "lull init ~/notes", does: "takes in this folder, with defaults for the rest" },
      { command: "lull init --yes", does: "writes a config without sources" },
      { command: "lull init --from chezmoi --dry-run", does: "shows what would become of its files" },
    ],
    exits: ["unreachable", "auth", "unsafe"],
  },
  args: {
    folder: {
      type: "positional",
      required: false,
      valueHint: "FOLDER",
      description: "The first folder to keep in sync",
    },
    ...SOURCE_FLAGS,
    device: {
      type: "string",
      valueHint: "NAME",
      description: "This machine's name; by default its host name",
    },
    from: {
      type: "string",
      valueHint: "TOOL",
      description: "Take over the setup of mackup, chezmoi, yadm or gitwatch",
    },
    "with-folder": {
      type: "boolean",
      description: "With --from chezmoi: keep its own folder in sync, too",
    },
  },
  run: async (session, { folder, device, name, remote, schedule, from, "with-folder": withFolder }) => {
    if (from !== undefined)
      return initFrom(session, { tool: from, folder, device, name, remote, schedule, withFolder });
    const deps = await session.deps();
    const given = {
      device,
      source: folder === undefined ? undefined : { path: folder, name, remote, schedule },
    };
    const answers =
      folder === undefined ? await openQuestions(session, { device, name, remote, schedule }) : given;
    const result = await initLull(
      deps,
      { ...answers, dryRun: session.flags.dryRun },
      { signal: session.signal },
    );
    if (session.out.json) session.out.document(result);
    else session.out.say(initLines(result, session.flags.dryRun, lookOf(session, deps)));
    showWarnings(session, result.source?.warnings ?? []);
    return "ok";
  },
});

type Given = Omit<AddSourceInput, "path"> & { readonly device: string | undefined };

/** Without a folder: asks on a terminal, makes only the config with `--yes`, and names the missing words otherwise. */
async function openQuestions(
  session: Session,
  given: Given,
): Promise<{ readonly device: string | undefined; readonly source: AddSourceInput | undefined }> {
  const { flags } = session;
  if (flags.yes && given.name === undefined && given.remote === undefined && given.schedule === undefined)
    return { device: given.device, source: undefined };
  const ask = await askerOf(session);
  if (ask === undefined) {
    throw usageError(
      "MISSING_ARGUMENT",
      "there is no terminal to ask questions on, and no folder was named",
      "name one: `lull init FOLDER [--remote URL] [--name NAME] [--schedule WHEN] [--device NAME]`; or write a config without sources: `lull init --yes`",
    );
  }
  return askSetup(ask, await session.deps(), given);
}

function initLines(result: InitResult, dryRun: boolean, look: Look): readonly string[] {
  const file = safeText(shortPath(result.configFile, look.home));
  const verb = dryRun ? "Would write" : "Wrote";
  const first = result.created
    ? `${look.style.green(look.symbols.done)} ${verb} the config ${file}; this machine is called ${safeText(result.device)}`
    : `The config ${file} was there already and is kept`;
  const rest = result.source === undefined ? ["Next: lull add FOLDER"] : addedLines(result.source, look);
  return [first, ...rest];
}
