/** The daemon's log, read from its files: newest last, across the rotated ones. */
import { LullError } from "../base/errors.ts";
import { sourceOf, STORY_LEVELS, type StoryEvent, type StoryLevel } from "./story.ts";
import type { Context, Deps } from "./deps.ts";

export type LogEntry = { readonly level: StoryLevel; readonly event: StoryEvent };

export type ReadLogsInput = {
  /** How many of the newest. */
  readonly limit: number;
  /** This level and what is graver. */
  readonly level: StoryLevel;
  readonly source: string | undefined;
  /** Leaves out what would not be shown, so that it does not count; default: everything is shown. */
  readonly accepts?: (event: StoryEvent) => boolean;
};

export function readLogs(deps: Deps, input: ReadLogsInput): readonly LogEntry[] {
  const wanted = wants(input);
  const found: LogEntry[] = [];
  for (const lines of deps.logs.newestFirst()) {
    for (let at = lines.length - 1; at >= 0 && found.length < input.limit; at--) {
      const entry = parseEntry(lines[at] ?? "");
      if (entry !== undefined && wanted(entry)) found.push(entry);
    }
    if (found.length >= input.limit) break;
  }
  return found.reverse();
}

/** Hands on what is written from now on, until the signal fires. Goes on over rotations and restarts of the daemon. */
export async function followLogs(
  deps: Deps,
  input: Omit<ReadLogsInput, "limit">,
  onEntry: (entry: LogEntry) => void,
  { signal }: Context,
): Promise<void> {
  const wanted = wants(input);
  await deps.logs.follow((line) => {
    const entry = parseEntry(line);
    if (entry !== undefined && wanted(entry)) onEntry(entry);
  }, signal);
}

function wants({ level, source, accepts }: Omit<ReadLogsInput, "limit">): (entry: LogEntry) => boolean {
  const least = STORY_LEVELS.indexOf(level);
  return ({ level: own, event }) => {
    if (STORY_LEVELS.indexOf(own) < least) return false;
    return (source === undefined || sourceOf(event) === source) && accepts?.(event) !== false;
  };
}

/** Returns undefined for a line that was cut off by a crash or comes from a newer lull. */
function parseEntry(line: string): LogEntry | undefined {
  try {
    const { time, level, ...rest }: Readonly<Record<string, unknown>> = JSON.parse(line);
    const known = STORY_LEVELS.find((one) => one === level);
    if (typeof time !== "string" || known === undefined || typeof rest["kind"] !== "string") return undefined;
    return { level: known, event: { at: Date.parse(time), ...rest } as StoryEvent };
  } catch {
    return undefined;
  }
}

/** @throws LullError `BAD_VALUE` (kind `usage`) */
export function storyLevel(text: string): StoryLevel {
  const level = STORY_LEVELS.find((one) => one === text);
  if (level !== undefined) return level;
  throw new LullError({
    kind: "usage",
    code: "BAD_VALUE",
    message: `there is no log level "${text}"`,
    hint: `it can be ${STORY_LEVELS.join(", ")}`,
  });
}
