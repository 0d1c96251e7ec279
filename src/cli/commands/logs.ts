import { followLogs, type LogEntry, readLogs, storyLevel } from "../../app/read-logs.ts";
import { safeText } from "../../base/safe-text.ts";
import { defineCommand } from "../command.ts";
import { lookOf } from "../look-of.ts";
import { JSON_VERSION } from "../output.ts";
import { storyLines } from "../print/story.ts";
import { dayText } from "../print/times.ts";
import { wholeNumber } from "../whole-number.ts";

export const logsCommand = defineCommand({
  meta: {
    name: "logs",
    details: [
      "The daemon's log is kept in files of 10 MB, of which the newest five stay. What it keeps is set by `daemon.log_level` in the config; --set-level changes that in the running daemon until it reads its config again. With --json each entry is a JSON document on a line of its own.",
      "`lull log` shows the syncs and their results instead.",
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
      default: "debug",
      valueHint: "LEVEL",
      description: "Only debug, info, warn or error and what is graver",
    },
    source: { type: "string", valueHint: "NAME", description: "Only entries of this source" },
    "set-level": {
      type: "string",
      valueHint: "LEVEL",
      description: "What the running daemon writes from now on",
    },
  },
  run: async (session, values) => {
    const { out, signal } = session;
    const deps = await session.deps();
    const input = {
      level: storyLevel(values.level),
      source: values.source,
      limit: wholeNumber("limit", values.limit, 999_999),
    };
    const wanted = values["set-level"];
    if (wanted !== undefined) {
      const answer = await deps.daemon.ask({ kind: "log-level", level: storyLevel(wanted) }, { signal });
      if (answer === undefined) session.log.warn("no daemon runs whose level could be changed");
    }
    const look = lookOf(session, deps);
    let lastDate = "";
    const entries = readLogs(deps, input);
    const nameWidth = Math.min(24, Math.max(0, ...entries.map(({ event }) => nameOf(event).length)));
    const show = ({ level, event }: LogEntry): void => {
      if (out.json) {
        session.io.stdout(`${JSON.stringify({ version: JSON_VERSION, level, ...event })}\n`);
        return;
      }
      const options = { verbose: true, onlyProblems: false, nameWidth, timeless: false };
      const lines = storyLines(event, options, look);
      const date = dayText(event.at, look.clock);
      if (lines.length > 0 && date !== lastDate) {
        out.print([look.style.dim(date)]);
        lastDate = date;
      }
      out.print(lines);
    };
    for (const entry of entries) show(entry);
    if (entries.length === 0 && !values.follow && !out.json)
      out.say(["The log is empty: no daemon has run yet."]);
    if (values.follow) await followLogs(deps, input, show, { signal });
    return "ok";
  },
});

function nameOf(event: LogEntry["event"]): string {
  return "source" in event ? safeText(event.source) : event.kind === "end" ? safeText(event.run.source) : "";
}
