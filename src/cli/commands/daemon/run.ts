/**
 * The daemon's commands: `run` is the daemon itself, `worker` a process of its, the others start, end and ask it. They
 * know the use-cases and, as the only ones, `daemon/`; what is shown is made in `print/`.
 */
import { levelOf, type StoryEvent } from "../../../app/story.ts";
import { buildInfo } from "../../build-info.ts";
import { defineCommand, type ExitKind } from "../../command.ts";
import { lookOf } from "../../look-of.ts";
import { JSON_VERSION } from "../../output.ts";
import type { Look } from "../../print/look.ts";
import { nameColumn, storyLines } from "../../print/story.ts";
import type { Session } from "../../session.ts";
import { createStoryTeller } from "../../story-teller.ts";
import { checkedInterval, RUN_FLAGS } from "./run-flags.ts";

export const daemonRunCommand = defineCommand({
  meta: {
    name: "daemon run",
    details: [
      "Tells what is due when, why it waits and what each sync did. With --verbose it tells each decision and step too; with --json each event is a JSON document on a line of its own.",
      "Ctrl-C (or SIGTERM) waits up to 30 seconds for the syncs that run, then ends; a second one ends at once. SIGHUP, or saving the config file, makes it read the config anew.",
    ],
    examples: [
      { command: "lull daemon run", does: "every source by its own schedule" },
      { command: "lull daemon run --interval 15m", does: "every source each 15 minutes" },
      { command: "lull daemon run --verbose", does: "with each decision and step" },
    ],
    exits: ["locked"],
  },
  args: {
    ...RUN_FLAGS,
    background: { type: "boolean", hidden: true, description: "`lull daemon start` started it" },
    service: { type: "boolean", hidden: true, description: "A service manager started it" },
  },
  run: async (session, { interval, background, service }) => {
    const mode = service ? "service" : background ? "background" : "foreground";
    return run(session, { interval, mode });
  },
});

export async function runInForeground(
  session: Session,
  input: { readonly interval: string | undefined },
): Promise<ExitKind> {
  return run(session, { ...input, mode: "foreground" });
}

type Mode = "foreground" | "background" | "service";

async function run(
  session: Session,
  input: { readonly interval: string | undefined; readonly mode: Mode },
): Promise<ExitKind> {
  const intervalMs = input.interval === undefined ? undefined : checkedInterval(input.interval);
  const { composeDaemon } = await import("../../../compose/daemon.ts");
  const { runDaemon } = await import("../../../daemon/run-daemon.ts");
  const { io, signal } = session;
  const { deps, home } = composeDaemon({
    env: io.env,
    cwd: io.cwd,
    clock: io.clock,
    log: session.log,
    configFile: session.flags.config,
    version: buildInfo().version,
    intervalMs,
  });
  const { config } = await deps.config.load();
  const names = config.sources.filter(({ enabled }) => enabled).map(({ name }) => name);
  await runDaemon(deps, {
    signal,
    urgent: io.signals?.takeSecond() ?? new AbortController().signal,
    onHangUp: (reload) => io.signals?.takeHangUp(reload) ?? { [Symbol.dispose]: () => {} },
    onEvent: storyTeller(session, () => lookOf(session, { home }), { mode: input.mode, names }),
  });
  return "ok";
}

/** As sd-daemon(3) numbers them: journald takes them off the line again. */
const PRIORITIES = { debug: 7, info: 6, warn: 4, error: 3 } as const;

/** One line an event for the system's journal, which adds the time by itself. */
function journalTeller(session: Session, look: Look, nameWidth: number): (event: StoryEvent) => void {
  const isJournal = (session.io.env["JOURNAL_STREAM"] ?? "") !== "";
  const options = {
    verbose: session.flags.verbose,
    onlyProblems: session.flags.quiet,
    nameWidth,
    timeless: true,
  };
  return (event) => {
    const prefix = isJournal ? `<${PRIORITIES[levelOf(event)]}>` : "";
    for (const line of storyLines(event, options, look)) session.io.stderr(`${prefix}${line}\n`);
  };
}

function storyTeller(
  session: Session,
  look: () => Look,
  shown: { readonly mode: Mode; readonly names: readonly string[] },
): (event: StoryEvent) => void {
  const { out, flags } = session;
  // Nobody watches; the log has it all.
  if (shown.mode === "background") return () => {};
  if (flags.json)
    return (event) => session.io.stdout(`${JSON.stringify({ version: JSON_VERSION, ...event })}\n`);
  if (shown.mode === "service") return journalTeller(session, look(), nameColumn(shown.names, undefined));
  return createStoryTeller(out, look, {
    verbose: flags.verbose,
    onlyProblems: flags.quiet,
    names: shown.names,
    today: session.clock.now(),
    withOutlook: true,
  });
}
