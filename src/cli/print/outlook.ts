/** What the daemon does and waits for right now, kept up to date by its story: the last line of who watches it. Pure. */
import { sourceOf, type StoryEvent } from "../../app/story.ts";
import { safeText } from "../../base/safe-text.ts";
import type { Clock } from "../../base/clock.ts";
import { timeAt } from "./times.ts";

type Prospect = {
  readonly state: "resting" | "waiting" | "running" | "paused";
  /** When its schedule comes next. */
  readonly nextAt: number | undefined;
  /** When it is tried again after a failure. */
  readonly retryAt: number | undefined;
  readonly isWatched: boolean;
};

export type Outlook = {
  readonly sources: ReadonlyMap<string, Prospect>;
  readonly isPaused: boolean;
  readonly isStopping: boolean;
};

export const NO_OUTLOOK: Outlook = { sources: new Map(), isPaused: false, isStopping: false };

const RESTING: Prospect = {
  state: "resting",
  nextAt: undefined,
  retryAt: undefined,
  isWatched: false,
};

/** The outlook after one more event. */
export function outlookAfter(outlook: Outlook, event: StoryEvent): Outlook {
  if (event.kind === "stopping") return { ...outlook, isStopping: true };
  if (event.kind === "paused" && event.source === "*") return { ...outlook, isPaused: true };
  if (event.kind === "resumed" && event.source === "*") return { ...outlook, isPaused: false };
  if (event.kind === "reloaded") {
    const left = [...outlook.sources].filter(([name]) => !event.removed.includes(name));
    return { ...outlook, sources: new Map(left) };
  }
  const name = sourceOf(event);
  const changes = changesOf(event);
  if (name === undefined || changes === undefined) return outlook;
  const before = outlook.sources.get(name) ?? RESTING;
  return { ...outlook, sources: new Map(outlook.sources).set(name, { ...before, ...changes }) };
}

function changesOf(event: StoryEvent): Partial<Prospect> | undefined {
  switch (event.kind) {
    case "planned":
    case "next":
      return { nextAt: event.nextAt };
    case "watching":
    case "polling":
      return { isWatched: true };
    case "waiting":
      return { state: "waiting" };
    case "begin":
      return { state: "running", retryAt: undefined };
    case "retry":
      return { retryAt: event.retryAt };
    case "end":
    case "resumed":
      return { state: "resting" };
    case "paused":
      return { state: "paused" };
    default:
      return undefined;
  }
}

/** One line; its times stay true for as long as nothing happens. */
export function outlookText({ sources, isPaused, isStopping }: Outlook, clock: Clock): string {
  const running = named(sources, "running");
  if (isStopping) return running === "" ? "" : `waiting for ${running}; Ctrl-C again ends it at once`;
  if (running !== "") return `syncing ${running}`;
  const waiting = named(sources, "waiting");
  const parts = isPaused
    ? ["everything is paused"]
    : [nextText(sources, clock), ...(waiting === "" ? [] : [`waiting: ${waiting}`])];
  return [...parts, "Ctrl-C ends it"].join("; ");
}

function named(sources: Outlook["sources"], state: Prospect["state"]): string {
  return [...sources]
    .filter(([, prospect]) => prospect.state === state)
    .map(([name]) => safeText(name))
    .join(", ");
}

function nextText(sources: Outlook["sources"], clock: Clock): string {
  const upcoming = [...sources]
    .filter(([, { state }]) => state === "resting")
    .flatMap(([name, { nextAt, retryAt }]) =>
      [nextAt, retryAt].filter((at) => at !== undefined).map((at) => ({ name, at })),
    )
    .sort((a, b) => a.at - b.at);
  const [first] = upcoming;
  if (first !== undefined) return `next: ${safeText(first.name)} ${timeAt(first.at, clock)}`;
  return [...sources.values()].some(({ isWatched }) => isWatched) ? "watching for changes" : "nothing is due";
}
