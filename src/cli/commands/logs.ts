import type { Deps } from "../../app/deps.ts";
import { followLogs, type LogEntry, readLogs, storyLevel } from "../../app/read-logs.ts";
import { setLogLevel } from "../../app/set-log-level.ts";
import { sourceOf, type StoryEvent, type StoryLevel } from "../../app/story.ts";
import { defineCommand, type ExitKind } from "../command.ts";
import { lookOf } from "../look-of.ts";
import { JSON_VERSION } from "../output.ts";
import { emptyLogLine } from "../print/empty-log.ts";
import { tellsSomething } from "../print/story.ts";
import type { Session } from "../session.ts";
import { createStoryTeller } from "../story-teller.ts";
import { wholeNumber } from "../whole-number.ts";

export const logsCommand = defineCommand({
  meta: {
    name: "logs",
    details: [
      "The lines of `lull daemon run`, also of a daemon in the background. With --verbose or --level debug they tell each decision and step, as far as those were written: `daemon.log_level` in the config says what is, and --set-level changes that in the running daemon until it reads its config again. With --json each entry is a JSON document on a line of its own.",
      "The log is kept in files of 10 MB, of which the newest five stay. `lull log` shows the syncs and their results instead.",
    ],
    examples: [
      { command: "lull logs", does: "the last 50 entries" },
      { command: "lull logs -f", does: "and what comes from now on" },
      { command: "lull logs --level warn --source notes", does: "what went wrong with one source" },
      { command: "lull logs -f --set-level debug", does: "has the running daemon write each step" },
    ],
  },
  args: {
    follow: { type: "boolean", alias: "f", description: "Go on with what is written from now on" },
    limit: { type: "string", default: "50", valueHint: "N", description: "How many entries to show" },
    level: {
      type: "string",
      valueHint: "LEVEL",
      description: "Only debug, info, warn or error and what is graver (default info)",
    },
    source: { type: "string", valueHint: "NAME", description: "Only entries of this source" },
    "set-level": {
      type: "string",
      valueHint: "LEVEL",
      description: "What the running daemon writes from now on",
    },
  },
  run: async (session, values) => {
    const { flags, signal } = session;
    const written = values["set-level"] === undefined ? undefined : storyLevel(values["set-level"]);
    const level =
      values.level === undefined ? (flags.verbose ? "debug" : (written ?? "info")) : storyLevel(values.level);
    const limit = wholeNumber("limit", values.limit, 999_999);
    const deps = await session.deps();
    if (written !== undefined) {
      await setLogLevel(deps, written, { signal });
      if (!values.follow) return levelWasSet(session, written);
    }
    const input = { level, source: values.source, limit };
    const isFiltered = values.source !== undefined || values.level !== undefined;
    return show(session, deps, { ...input, isFiltered, follow: values.follow });
  },
});

type Shown = Parameters<typeof readLogs>[1] & { readonly isFiltered: boolean; readonly follow: boolean };

async function show(session: Session, deps: Deps, shown: Shown): Promise<ExitKind> {
  const { out, io, signal } = session;
  const verbose = shown.level === "debug";
  const look = lookOf(session, deps);
  const accepts = (event: StoryEvent): boolean => out.json || tellsSomething(event, verbose, look);
  const input = { ...shown, accepts };
  const entries = readLogs(deps, input);
  const tell = createStoryTeller(out, () => lookOf(session, deps), {
    verbose,
    onlyProblems: false,
    names: entries.flatMap(({ event }) => sourceOf(event) ?? []),
    today: undefined,
    withOutlook: false,
  });
  const showEntry = ({ level, event }: LogEntry): void => {
    if (out.json) io.stdout(`${JSON.stringify({ version: JSON_VERSION, level, ...event })}\n`);
    else tell(event);
  };
  for (const entry of entries) showEntry(entry);
  if (entries.length === 0 && !out.json) {
    const hasAny = readLogs(deps, { level: "debug", source: undefined, limit: 1 }).length > 0;
    session.log.info(emptyLogLine({ hasAny, ...shown }));
  }
  if (shown.follow) await followLogs(deps, input, showEntry, { signal });
  return "ok";
}

function levelWasSet({ out }: Session, level: StoryLevel): ExitKind {
  if (out.json) out.document({ level });
  else
    out.say([
      `The daemon writes ${level === "debug" ? "everything" : `\`${level}\` and what is graver`} until it reads its config again.`,
      "Next: lull logs -f",
    ]);
  return "ok";
}
