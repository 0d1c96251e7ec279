/**
 * The rules of telling, pure. Beside how a subject stands lull keeps what people believe of it, which is what they were
 * told last; a notice is due when the two differ. So each trouble is told once on entering and once on leaving, a
 * restart tells nothing twice, and what could not be told at its time is told as long as it is still true.
 *
 * - A condition with patience is told when it has lasted so long: what heals by itself is no news.
 * - A condition that needs a person is told again after a day, then once a week, as long as it lasts.
 * - What comes and goes (told twice within six hours) counts as over only when it has been well for an hour; a trouble
 *   that alternates with another one is told once in six hours.
 */
import type { NotifyConfig } from "../config/config.ts";
import { formatDuration } from "../base/duration.ts";
import type { Notice, NoticeLevel } from "./notify.ts";

/** What is wrong with a subject, with the words for it. */
export type Condition = {
  /** The same trouble has the same key, whatever its message says. */
  readonly key: string;
  readonly notice: Notice;
  /** It lasts so long before it is told. */
  readonly patienceMs: number;
  /** It stays until a person acts. */
  readonly needsPerson: boolean;
  /** Title of the notice when it is over; undefined: its end is no news. */
  readonly over: string | undefined;
};

/** What is remembered of a subject. */
export type Standing = {
  readonly subject: string;
  /** Undefined: well. */
  readonly condition: Condition | undefined;
  /** Since when it stands so; milliseconds since 1970 UTC, as all times here. */
  readonly since: number;
  /** What people believe; undefined: that it is well. */
  readonly told: Told | undefined;
  /** When each key was told lately; the empty key: that it is over. */
  readonly lately: readonly { readonly key: string; readonly at: number }[];
};

export type Told = {
  readonly key: string;
  readonly level: NoticeLevel;
  readonly over: string | undefined;
  /** When the trouble began. */
  readonly since: number;
  readonly at: number;
  readonly reminders: number;
};

export type Verdict =
  /** @property until look again then, though nothing happens; undefined: never */
  | { readonly kind: "silent"; readonly standing: Standing; readonly until: number | undefined }
  | { readonly kind: "tell"; readonly standing: Standing; readonly notice: Notice };

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const FIRST_REMINDER_MS = DAY;
const NEXT_REMINDER_MS = 7 * DAY;
/** What was told twice within `LATELY_MS` comes and goes; then only `CALM_MS` without it ends it. */
const LATELY_MS = 6 * HOUR;
const CALM_MS = HOUR;

export function admits(wanted: NotifyConfig["level"], level: NoticeLevel): boolean {
  switch (wanted) {
    case "none":
      return false;
    case "errors":
      return level === "error";
    case "problems":
      return level !== "info";
    case "all":
      return true;
  }
}

/** How the subject stands now; the same trouble goes on since it began. */
export function seen(
  before: Standing | undefined,
  subject: string,
  condition: Condition | undefined,
  now: number,
): Standing {
  const base = before ?? { subject, condition: undefined, since: now, told: undefined, lately: [] };
  const since = base.condition?.key === condition?.key ? base.since : now;
  return { ...base, condition, since };
}

/** Whether nothing of it needs to be remembered. */
export function isForgettable(standing: Standing, now: number): boolean {
  return (
    standing.condition === undefined && standing.told === undefined && recent(standing, now).length === 0
  );
}

/** Decides whether people are told of it now. */
export function judge(given: Standing, now: number, level: NotifyConfig["level"]): Verdict {
  const standing = notInFuture({ ...given, lately: recent(given, now) }, now);
  const { condition, told } = standing;
  if (condition === undefined) {
    return told === undefined ? silent(standing) : recovered(standing, told, now, level);
  }
  if (!admits(level, condition.notice.level)) return silent(standing);
  if (told?.key === condition.key) return reminded(standing, condition, told, now);
  const due = Math.max(standing.since + condition.patienceMs, told === undefined ? 0 : nextTurn(standing));
  if (now < due) return silent(standing, due);
  return tell(standing, entered(condition, standing, now), now, {
    key: condition.key,
    level: condition.notice.level,
    over: condition.over,
    since: told?.since ?? standing.since,
    at: now,
    reminders: 0,
  });
}

function recovered(standing: Standing, told: Told, now: number, level: NotifyConfig["level"]): Verdict {
  // Whoever has switched its level off is not told of the end either.
  if (told.over === undefined || !admits(level, told.level)) return silent({ ...standing, told: undefined });
  const due = timesTold(standing, told.key) < 2 ? 0 : standing.since + CALM_MS;
  if (now < due) return silent(standing, due);
  const notice: Notice = {
    subject: standing.subject,
    kind: "recovered",
    level: "info",
    title: told.over,
    body: [`It was out of order for ${formatDuration(Math.max(1000, standing.since - told.since))}.`],
    source: sourceOf(standing.subject),
    command: undefined,
    paths: [],
    at: now,
  };
  return tell(standing, notice, now, undefined);
}

function reminded(standing: Standing, condition: Condition, told: Told, now: number): Verdict {
  if (!condition.needsPerson) return silent(standing);
  const due = told.at + (told.reminders === 0 ? FIRST_REMINDER_MS : NEXT_REMINDER_MS);
  if (now < due) return silent(standing, due);
  const notice = {
    ...condition.notice,
    title: `Still: ${condition.notice.title}`,
    body: [`It has lasted for ${formatDuration(now - told.since)}.`, ...condition.notice.body],
    at: now,
  };
  return tell(standing, notice, now, { ...told, at: now, reminders: told.reminders + 1 });
}

function entered(condition: Condition, standing: Standing, now: number): Notice {
  const again = condition.over !== undefined && timesTold(standing, condition.key) > 0;
  const note = "It comes and goes: the next word is when it has been well for an hour.";
  return {
    ...condition.notice,
    body: again ? [...condition.notice.body, note] : condition.notice.body,
    at: now,
  };
}

function tell(standing: Standing, notice: Notice, now: number, told: Told | undefined): Verdict {
  const lately = [...standing.lately, { key: told?.key ?? "", at: now }];
  return { kind: "tell", notice, standing: { ...standing, told, lately } };
}

function silent(standing: Standing, until?: number): Verdict {
  return { kind: "silent", standing, until };
}

function timesTold(standing: Standing, key: string): number {
  return standing.lately.filter((one) => one.key === key).length;
}

/** One trouble after the other without a good moment between: each is told, but the same not over and over. */
function nextTurn({ condition, lately }: Standing): number {
  const sinceWell = lately.slice(lately.findLastIndex(({ key }) => key === "") + 1);
  const last = sinceWell.findLast(({ key }) => key === condition?.key);
  return last === undefined ? 0 : last.at + LATELY_MS;
}

function recent({ lately }: Standing, now: number): Standing["lately"] {
  return lately.filter(({ at }) => now - at < LATELY_MS);
}

/** A clock that was set back must not put a word off for years. */
function notInFuture(standing: Standing, now: number): Standing {
  const { told } = standing;
  return {
    ...standing,
    since: Math.min(standing.since, now),
    told:
      told === undefined
        ? undefined
        : { ...told, at: Math.min(told.at, now), since: Math.min(told.since, now) },
    lately: standing.lately.map((one) => ({ ...one, at: Math.min(one.at, now) })),
  };
}

const OF_SOURCES = ["source:", "conflict:", "left-out:", "watch:"];

/** The source that a subject is about. */
export function sourceOf(subject: string): string | undefined {
  const prefix = OF_SOURCES.find((one) => subject.startsWith(one));
  return prefix === undefined ? undefined : subject.slice(prefix.length);
}
