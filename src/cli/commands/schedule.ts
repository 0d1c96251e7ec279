import { getSchedule } from "../../app/get-schedule.ts";
import { defineCommand } from "../command.ts";
import { lookOf } from "../look-of.ts";
import { loggedDocument } from "../print/log.ts";
import { scheduleLines } from "../print/schedule.ts";
import { wholeNumber } from "../whole-number.ts";
import { sourceNames } from "../source-names.ts";

export const scheduleCommand = defineCommand({
  meta: {
    name: "schedule",
    details: [
      "Works whether the daemon runs or not: it remembers when each schedule was due last. Times are those of this machine; a schedule with a time zone of its own shows its time as well.",
      "When clocks go forward, a time of day that is skipped is made up for right after; when they go back, a time of day that comes twice is due the first time only. A schedule with a star or a step in its hours or minutes follows time as it passes instead.",
      "What was missed while the machine slept or lull was not running is made up for once. When the clock of the machine is set back, what has run counts for one gap of the schedule or 15 hours, whichever is shorter; then it goes on by the new time.",
    ],
    examples: [
      { command: "lull schedule", does: "the next runs of all sources" },
      { command: "lull schedule notes --count 10", does: "the next ten of one" },
    ],
  },
  args: {
    ...sourceNames("show"),
    count: {
      type: "string",
      default: "3",
      valueHint: "N",
      description: "How many runs of each schedule to show",
    },
  },
  run: async (session, { names, count }) => {
    const input = { names, count: wholeNumber("count", count, 1000) };
    const deps = await session.deps();
    const sources = await getSchedule(deps, input);
    if (session.out.json) {
      session.out.document({
        sources: sources.map(({ lastRun, ...source }) => ({
          ...source,
          lastRun: lastRun === undefined ? undefined : loggedDocument(lastRun),
        })),
      });
    } else session.out.print(scheduleLines(sources, lookOf(session, deps)));
    return "ok";
  },
});
