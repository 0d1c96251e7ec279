import {
  type AdoptedFile,
  type AdoptInput,
  adoptSettings,
  type Adoption,
  bulkChoice,
  type Choice,
} from "../../app/settings/adopt-settings.ts";
import { safeText } from "../../base/safe-text.ts";
import type { Ask } from "../cli-io.ts";
import { defineCommand } from "../command.ts";
import { lookOf } from "../look-of.ts";
import { adoptedLines, adoptionGroups } from "../print/adoption.ts";
import { showSyncEvent } from "../print/sync-event.ts";
import { askerOf } from "../asker.ts";
import { usageError } from "../usage-error.ts";

export const adoptCommand = defineCommand({
  meta: {
    name: "adopt",
    details: [
      "For a new machine: compares what is in your home with what your other devices have gathered, in four groups (the same, only here, only there, different), and takes over what you choose. Without a choice it only shows them, or asks on a terminal.",
      "Everything that is replaced is kept in a savepoint first; `lull undo` takes the adoption back. What is only here stays, and is gathered by the next sync.",
    ],
    examples: [
      { command: "lull adopt --dry-run", does: "shows the four groups" },
      {
        command: "lull adopt --take-remote-all --except ~/.zshrc",
        does: "takes all but one from the others",
      },
      { command: "lull adopt --keep-local-all", does: "this machine's versions win, from the next sync on" },
    ],
    exits: ["unsafe", "guard", "locked", "unreachable", "auth"],
  },
  args: {
    name: {
      type: "positional",
      required: false,
      valueHint: "NAME",
      description: "The settings source; the only one when left out",
    },
    "take-remote-all": { type: "boolean", description: "Take everything that differs or is missing here" },
    "keep-local-all": { type: "boolean", description: "Keep everything that is here" },
    except: {
      type: "string",
      valueHint: "PATH,APP,…",
      description: "With one of the two: these paths and apps get the other choice",
    },
  },
  run: async (session, args) => {
    const { out, flags, signal } = session;
    const deps = await session.deps();
    const bulk = bulkOf(args);
    const onEvent = showSyncEvent(out.progress, session.log);
    const adopt = (decide: AdoptInput["decide"], dryRun: boolean): Promise<Adoption> =>
      adoptSettings(deps, { name: args.name, decide, dryRun }, { signal, onEvent });
    if (bulk !== undefined) {
      const done = await adopt(bulkChoice(deps, bulk), flags.dryRun);
      if (out.json) out.document(done);
      else
        out.print([
          ...adoptionGroups(done, lookOf(session, deps)),
          ...adoptedLines(done, lookOf(session, deps)),
        ]);
      return "ok";
    }
    // Nothing is chosen yet: what is shown is what is there.
    const seen = await adopt(() => undefined, true);
    if (out.json) {
      out.document(seen);
      return "ok";
    }
    const look = lookOf(session, deps);
    out.print(adoptionGroups(seen, look));
    const ask = flags.dryRun ? undefined : await askerOf(session);
    const decide = ask === undefined ? undefined : await asked(ask, seen);
    if (decide === undefined) out.print(adoptedLines(seen, look));
    else out.print(adoptedLines(await adopt(decide, false), look));
    return "ok";
  },
});

type Bulk = { readonly choice: Choice; readonly except: readonly string[] };

function bulkOf(args: {
  readonly "take-remote-all"?: boolean | undefined;
  readonly "keep-local-all"?: boolean | undefined;
  readonly except?: string | undefined;
}): Bulk | undefined {
  const { "take-remote-all": remote = false, "keep-local-all": local = false } = args;
  const except = (args.except ?? "").split(",").filter((text) => text !== "");
  if (remote && local)
    throw usageError(
      "BAD_FLAGS",
      "--take-remote-all and --keep-local-all contradict each other",
      "give one of the two",
    );
  if (!remote && !local) {
    if (except.length === 0) return undefined;
    throw usageError("BAD_FLAGS", "--except of what?", "add --take-remote-all or --keep-local-all");
  }
  return { choice: remote ? "remote" : "local", except };
}

/** Undefined: nothing is decided now. */
async function asked(ask: Ask, seen: Adoption): Promise<AdoptInput["decide"] | undefined> {
  const { onlyThere, different } = seen;
  const open = onlyThere.length + different.length;
  if (open === 0) return undefined;
  const answer = await ask.choose({
    message: `What becomes of the ${open} ${open === 1 ? "file that is" : "files that are"} not the same?`,
    choices: [
      { value: "remote", label: "Take what is there (what stands here is kept in a savepoint)" },
      { value: "local", label: "Keep what is here" },
      { value: "each", label: "Decide one by one" },
      { value: "later", label: "Nothing now" },
    ],
  });
  if (answer === "later") return undefined;
  if (answer !== "each") return () => answer;
  const choices = new Map<string, Choice | undefined>();
  for (const file of [...onlyThere, ...different]) choices.set(file.path, await askFor(ask, file));
  return ({ path }) => choices.get(path);
}

async function askFor(ask: Ask, { path, here }: AdoptedFile): Promise<Choice | undefined> {
  const answer = await ask.choose({
    message: `${safeText(path)} ${here === undefined ? "is only there" : "is different"}`,
    choices: [
      { value: "remote", label: "Take it from there" },
      { value: "local", label: here === undefined ? "Leave it out" : "Keep this machine's" },
      { value: "later", label: "Decide later" },
    ],
  });
  return answer === "later" ? undefined : answer;
}
