import { readFileSync } from "node:fs";

import { findConflict, openConflicts, type FoundConflict } from "../../app/conflicts/find-conflict.ts";
import { viewOf } from "../../app/conflicts/list-conflicts.ts";
import { mergeWithTool } from "../../app/conflicts/merge-with-tool.ts";
import type { Keep } from "../../app/conflicts/plan-resolution.ts";
import { resolveConflict, type Resolved } from "../../app/conflicts/resolve-conflict.ts";
import type { Deps } from "../../app/deps.ts";
import { absolutePath } from "../../app/user-path.ts";
import { fromSystem, LullError } from "../../base/errors.ts";
import { safeText } from "../../base/safe-text.ts";
import { askerOf } from "../asker.ts";
import type { Ask } from "../cli-io.ts";
import { defineCommand } from "../command.ts";
import { lookOf } from "../look-of.ts";
import { conflictLines, resolvedLines } from "../print/conflicts.ts";
import type { Session } from "../session.ts";
import { usageError } from "../usage-error.ts";

export const resolveCommand = defineCommand({
  meta: {
    name: "resolve",
    details: [
      "Without a path it asks about each open conflict, one by one; to merge both in a tool is one of the answers.",
      "The chosen version gets the name and the copy goes, in one commit that tells the other devices; the next sync sends it. Edits of yours in these files are committed first, and the other version stays in the history. `lull undo` takes the last resolve back.",
    ],
    examples: [
      { command: "lull resolve", does: "asks about each open conflict" },
      { command: "lull resolve plan.md --keep remote", does: "takes what came from the remote" },
      { command: "lull resolve plan.md --keep ./merged.md", does: "takes what you made of both" },
      { command: "lull resolve plan.md --tool auto", does: "merges in the tool that git is set to" },
      { command: "lull resolve plan.md --keep local --dry-run", does: "shows what would be done" },
    ],
    exits: ["conflict", "unsafe", "guard", "locked"],
  },
  args: {
    path: {
      type: "positional",
      required: false,
      valueHint: "PATH",
      description: "A file with a conflict, or its copy",
    },
    keep: {
      type: "string",
      valueHint: "local|remote|both|FILE",
      description: "The version that gets the name; both leaves them side by side; a file is taken instead",
    },
    tool: {
      type: "string",
      valueHint: "NAME",
      description:
        "Merge with this tool: meld, kdiff3, vimdiff, nvimdiff, code, opendiff, one of your git config; auto: the one that git is set to",
    },
    source: {
      type: "string",
      valueHint: "NAME",
      description: "The source, where the path alone is not clear",
    },
  },
  run: async (session, { path, keep, tool, source }) => {
    const deps = await session.deps();
    const { device, sources } = await openConflicts(deps, source === undefined ? [] : [source]);
    const resolveOne = async (found: FoundConflict, chosen: Keep): Promise<Resolved> => {
      const input = { found, keep: chosen, device, dryRun: session.flags.dryRun };
      return resolveConflict(deps, input, { signal: session.signal });
    };
    if (keep !== undefined && tool !== undefined)
      throw usageError("BAD_FLAGS", "--keep and --tool contradict each other", "give one of the two");
    if (path === undefined && keep !== undefined) throw keepWhich(keep);
    if (path === undefined) return askForEach({ session, deps, tool }, sources, resolveOne);
    const found = findConflict(deps, sources, path);
    const resolved = await resolveOne(found, await chosenOf({ session, deps, tool }, found, keep));
    if (session.out.json) session.out.document(resolved);
    else session.out.say(resolvedLines(resolved, lookOf(session, deps)));
    return "ok";
  },
});

type ResolveOne = (found: FoundConflict, keep: Keep) => Promise<Resolved>;

/** What every question needs. */
type Asking = {
  readonly session: Session;
  readonly deps: Deps;
  /** As `--tool` says. */
  readonly tool: string | undefined;
};

async function askForEach(
  asking: Asking,
  sources: Awaited<ReturnType<typeof openConflicts>>["sources"],
  resolveOne: ResolveOne,
): Promise<"ok" | "conflict"> {
  const { session, deps } = asking;
  const all = sources.flatMap((source) =>
    deps.conflicts.list({ source: source.name, open: true }).map((conflict) => ({ source, conflict })),
  );
  if (all.length === 0) {
    session.out.say(["No open conflicts."]);
    return "ok";
  }
  const ask = await askerOf(session);
  if (ask === undefined) throw whichPath(all.length);
  let left = 0;
  for (const found of all) {
    // One decision can end several: of a path that nobody decided about, all that came together.
    if (!isOpen(deps, found)) continue;
    const keep = await choose(ask, asking, found);
    if (keep === undefined) left++;
    else session.out.say(resolvedLines(await resolveOne(found, keep), lookOf(session, deps)));
  }
  return left > 0 ? "conflict" : "ok";
}

function isOpen(deps: Deps, { source, conflict }: FoundConflict): boolean {
  const open = deps.conflicts.list({ source: source.name, open: true });
  return open.some(({ commit, path }) => commit === conflict.commit && path === conflict.path);
}

async function chosenOf(asking: Asking, found: FoundConflict, keep: string | undefined): Promise<Keep> {
  if (keep !== undefined) return keepOf(asking.deps, keep);
  if (asking.tool !== undefined) return mergedIn(asking, found, asking.tool);
  const ask = await askerOf(asking.session);
  const answer = ask && (await choose(ask, asking, found));
  if (answer === undefined) throw whichVersion();
  return answer;
}

/** Where nobody sits in front of it, a tool that waits for a click must not wait for ever. */
const TOOL_DEADLINE_MS = 10 * 60 * 1000;

async function mergedIn({ session, deps }: Asking, found: FoundConflict, tool: string): Promise<Keep> {
  const deadlineMs = session.io.isTty ? undefined : TOOL_DEADLINE_MS;
  return { bytes: await mergeWithTool(deps, { found, tool, deadlineMs }, { signal: session.signal }) };
}

/** Undefined: it is left for later. */
async function choose(ask: Ask, asking: Asking, found: FoundConflict): Promise<Keep | undefined> {
  const { session, deps, tool } = asking;
  const view = viewOf(found.conflict);
  session.out.print(conflictLines([view], lookOf(session, deps)).slice(0, -1));
  for (;;) {
    const answer = await ask.choose({
      message: `Which version of ${safeText(view.path)} should have the name?`,
      choices: [
        { value: "remote", label: "The remote's" },
        { value: "local", label: `That of ${safeText(view.device)}` },
        { value: "both", label: "Leave both side by side" },
        { value: "tool", label: `Merge them in ${tool === undefined ? "your merge tool" : safeText(tool)}` },
        { value: "later", label: "Decide later" },
      ],
    });
    if (answer === "later") return undefined;
    if (answer !== "tool") return answer;
    try {
      return await mergedIn(asking, found, tool ?? "auto");
    } catch (error) {
      // A tool that is left without a result, or that is not there, is no reason to leave the others undecided.
      if (!(error instanceof LullError) || error.kind === "interrupted") throw error;
      const hint = error.hint === undefined ? [] : [`Hint: ${safeText(error.hint)}`];
      session.out.print([safeText(error.message), ...hint]);
    }
  }
}

function keepOf(deps: Deps, text: string): Keep {
  if (text === "local" || text === "remote" || text === "both") return text;
  const path = absolutePath(text, deps);
  try {
    return { bytes: readFileSync(path) };
  } catch (error) {
    throw usageError(
      "BAD_KEEP",
      `--keep ${text}: ${fromSystem(error, `read ${path}`).message}`,
      "say local, remote or both, or name a file that holds what you want to keep",
    );
  }
}

function whichVersion() {
  return usageError("MISSING_ARGUMENT", "which version?", "add --keep local, remote, both or a file");
}

function keepWhich(keep: string) {
  return usageError(
    "MISSING_ARGUMENT",
    `--keep ${keep} of which conflict?`,
    `name its path: lull resolve PATH --keep ${keep}; without --keep each open conflict is asked about`,
  );
}

function whichPath(open: number) {
  return usageError(
    "MISSING_ARGUMENT",
    `which of the open conflicts (${open})?`,
    "name a path: lull resolve PATH --keep local|remote|both; `lull conflicts` shows them",
  );
}
