import type { StoryEvent } from "../../app/story.ts";
import { safeText } from "../../base/safe-text.ts";

type Cause = Extract<StoryEvent, { readonly kind: "begin" }>["cause"];

type CauseWords = {
  /** Behind the name of the source, when it begins. */
  readonly begins: string;
  /** Why it is due. */
  readonly because: string;
};

/** Who or what asked for a sync. */
const CAUSES: Readonly<Record<Cause, CauseWords>> = {
  person: { begins: "syncs, as asked", because: "you asked for it" },
  change: { begins: "syncs: files changed", because: "files changed" },
  "catch-up": { begins: "syncs, to make up for a missed time", because: "a missed time is made up for" },
  start: { begins: "syncs, as at every start", because: "the daemon started" },
  schedule: { begins: "syncs, as scheduled", because: "its schedule says so" },
};

/** Also of a log that a newer lull wrote, which may know more causes. */
export function causeWords(cause: Cause): CauseWords {
  return Object.hasOwn(CAUSES, cause) ? CAUSES[cause] : { begins: "syncs", because: safeText(cause) };
}
