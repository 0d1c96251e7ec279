import { sourceOf, type StoryEvent } from "../app/story.ts";
import type { Output } from "./output.ts";
import type { Look } from "./print/look.ts";
import { NO_OUTLOOK, outlookAfter, outlookText } from "./print/outlook.ts";
import { nameColumn, storyLines } from "./print/story.ts";
import { dayText } from "./print/times.ts";

export type StoryTellerOptions = {
  readonly verbose: boolean;
  readonly onlyProblems: boolean;
  /** The names that the lines are aligned for; others join as they come. */
  readonly names: readonly string[];
  /** The day that needs no mention, as a time on it; undefined: the first one is told, too. */
  readonly today: number | undefined;
  /** Whether the last line of the terminal tells what comes next. */
  readonly withOutlook: boolean;
};

/** Shows events of the story as they come, and remembers what needs no second telling. */
export function createStoryTeller(
  out: Output,
  look: () => Look,
  options: StoryTellerOptions,
): (event: StoryEvent) => void {
  const names = new Set(options.names);
  const failures = new Map<string, string>();
  let day = options.today === undefined ? undefined : dayText(options.today, look().clock);
  let outlook = NO_OUTLOOK;

  const tell = (event: StoryEvent, now: Look): void => {
    const name = sourceOf(event);
    if (name !== undefined) names.add(name);
    const { verbose, onlyProblems } = options;
    const nameWidth = nameColumn([...names], now.width);
    const isRepeated = isSameFailure(event, failures);
    const lines = storyLines(event, { verbose, onlyProblems, nameWidth, timeless: false, isRepeated }, now);
    if (lines.length === 0) return;
    const date = dayText(event.at, now.clock);
    out.print(date === day ? lines : [now.style.dim(date), ...lines]);
    day = date;
  };

  return (event) => {
    if (event.kind === "progress") {
      out.progress.show(`${event.source}: ${event.step}`, event.done, event.total, event.unit);
      return;
    }
    const now = look();
    tell(event, now);
    if (!options.withOutlook) return;
    outlook = outlookAfter(outlook, event);
    out.progress.clear();
    out.progress.show(outlookText(outlook, now.clock));
  };
}

/** Whether a source fails with the very words of its last run. */
function isSameFailure(event: StoryEvent, failures: Map<string, string>): boolean {
  if (event.kind !== "end") return false;
  const { source, error } = event.run;
  const before = failures.get(source);
  if (error === undefined) failures.delete(source);
  else failures.set(source, error.message);
  return error !== undefined && error.message === before;
}
