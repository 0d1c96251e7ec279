import type { Deps } from "../../app/deps.ts";
import { requestSync } from "../../app/request-sync.ts";
import { syncSources, type SyncReport } from "../../app/sync-sources.ts";
import type { ErrorKind } from "../../base/errors.ts";
import { defineCommand, type ExitKind } from "../command.ts";
import { checkedDuration } from "../checked-duration.ts";
import { gravestKind } from "../gravest-kind.ts";
import { lookOf } from "../look-of.ts";
import { pausedNote } from "../print/pauses.ts";
import { showSyncEvent } from "../print/sync-event.ts";
import { syncLines } from "../print/sync.ts";
import type { Session } from "../session.ts";
import { showWarnings } from "../show-warnings.ts";
import { count } from "../text-layout.ts";
import { sourceNames } from "../source-names.ts";

export const syncCommand = defineCommand({
  meta: {
    name: "sync",
    details: [
      "For each source: commit what changed, fetch, merge, write the result to the folder, push. Where both sides changed the same lines, both versions are kept side by side, or what the conflicts rules of the source say; `lull conflicts` shows what is open. Nothing is ever force-pushed or thrown away.",
      "With several sources the gravest outcome gives the exit code.",
    ],
    examples: [
      { command: "lull sync", does: "all sources" },
      { command: "lull sync notes dotfiles", does: "these two" },
      { command: "lull sync --dry-run", does: "shows what would be done" },
      { command: "lull sync notes --background", does: "has the daemon do it and returns at once" },
      { command: "lull sync --quiet", does: "prints only what needs you; good for cron" },
    ],
    exits: ["unreachable", "auth", "conflict", "unsafe", "guard", "locked"],
  },
  args: {
    ...sourceNames("sync"),
    wait: {
      type: "string",
      default: "15s",
      valueHint: "DURATION",
      description: "How long to wait for another lull, as the daemon, that syncs the source",
    },
    background: {
      type: "boolean",
      description: "Have the running daemon do it, before all else it has to do",
    },
  },
  run: async (session, { names, wait, background }) => {
    const patienceMs = checkedDuration("wait", wait);
    const { out, flags, signal } = session;
    const deps = await session.deps();
    if (background) return hand(session, deps, names);
    const onEvent = showSyncEvent(out.progress, session.log);
    const report = await syncSources(deps, { names, dryRun: flags.dryRun, patienceMs }, { signal, onEvent });
    showWarnings(session, report.warnings, MOST_WARNINGS);
    if (out.json) out.document(report);
    else {
      const options = { onlyProblems: flags.quiet, verbose: flags.verbose };
      out.print(syncLines(report, options, lookOf(session, deps)));
      for (const pause of report.paused) session.log.info(pausedNote(pause, lookOf(session, deps)));
      if (signal.aborted)
        session.log.warn(`interrupted after ${count(report.runs.length, "source")}; nothing was lost`);
    }
    return signal.aborted ? "interrupted" : worstOf(report);
  },
});

async function hand(session: Session, deps: Deps, names: readonly string[]): Promise<ExitKind> {
  const sources = await requestSync(deps, { names }, { signal: session.signal });
  if (session.out.json) session.out.document({ requested: sources });
  else session.out.say([`The daemon syncs ${sources.join(", ")}. See \`lull logs -f\`.`]);
  return "ok";
}

/** They stay the same from run to run; `lull config check` is the place for all of them. */
const MOST_WARNINGS = 3;

export function worstOf(report: SyncReport): ExitKind {
  const kinds = new Set<ErrorKind>();
  for (const run of report.runs) {
    if (run.error !== undefined) kinds.add(run.error.kind);
    else if (run.outcome === "failed") kinds.add("failed");
    for (const remote of run.remotes) if (remote.error !== undefined) kinds.add(remote.error.kind);
    if (run.conflicts.some(({ open }) => open)) kinds.add("conflict");
  }
  return gravestKind(kinds);
}
