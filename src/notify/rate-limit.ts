/**
 * So many notices an hour over all subjects; what is beyond is held back and told as one, "and 7 more", when the hour is
 * over. News of good runs has a limit of its own, so that it never holds back a trouble. Pure.
 */
import { counted } from "./notice-text.ts";
import type { Notice, NoticeLevel } from "./notify.ts";

const MOST_AN_HOUR = 10;
const HOUR_MS = 3_600_000;
/** Of these the titles are kept; the others are only counted. */
const MOST_TITLES = 8;

export type RateState = {
  /** When notices went out within the last hour. */
  readonly sent: readonly number[];
  readonly held: number;
  readonly level: NoticeLevel;
  readonly titles: readonly string[];
};

export const NOTHING_SENT: RateState = { sent: [], held: 0, level: "info", titles: [] };

/** @returns the state, and whether the notice goes out now */
export function admit(
  given: RateState,
  notice: Notice,
): { readonly state: RateState; readonly now: boolean } {
  const state = { ...given, sent: lately(given, notice.at) };
  if (state.held === 0 && state.sent.length < MOST_AN_HOUR) {
    return { state: { ...state, sent: [...state.sent, notice.at] }, now: true };
  }
  const held = {
    ...state,
    held: state.held + 1,
    level: graver(state.level, notice.level),
    titles: state.titles.length < MOST_TITLES ? [...state.titles, notice.title] : state.titles,
  };
  return { state: held, now: false };
}

/** The one notice for all that were held back, when its time has come. */
export function summary(
  given: RateState,
  now: number,
): { readonly state: RateState; readonly notice: Notice | undefined; readonly until: number | undefined } {
  const state = { ...given, sent: lately(given, now) };
  if (state.held === 0) return { state, notice: undefined, until: undefined };
  const [oldest] = state.sent;
  if (oldest !== undefined && state.sent.length >= MOST_AN_HOUR) {
    return { state, notice: undefined, until: oldest + HOUR_MS };
  }
  const more = state.held - state.titles.length;
  const notice: Notice = {
    subject: "program:summary",
    kind: "summary",
    level: state.level,
    title: `And ${counted(state.held, "more notice")}`,
    body: [...state.titles, ...(more > 0 ? [`and ${more} more`] : [])],
    source: undefined,
    command: "lull log",
    paths: [],
    at: now,
  };
  return { state: { ...NOTHING_SENT, sent: [...state.sent, now] }, notice, until: undefined };
}

/** A clock that was set back must not hold the notices up. */
function lately({ sent }: RateState, now: number): readonly number[] {
  return sent.filter((at) => at <= now && now - at < HOUR_MS);
}

const GRAVITY = ["info", "problem", "error"] as const satisfies readonly NoticeLevel[];

function graver(one: NoticeLevel, other: NoticeLevel): NoticeLevel {
  return GRAVITY.indexOf(one) > GRAVITY.indexOf(other) ? one : other;
}
