/** Reads what a person typed behind `lull pause`. Pure. */
import { parseDuration } from "../base/duration.ts";
import { LullError } from "../base/errors.ts";

export type PauseWords = {
  /** Empty: all sources. */
  readonly names: readonly string[];
  /** Undefined: until it is resumed. */
  readonly forMs: number | undefined;
};

/** A longer one is a slip of the keyboard; without a duration it lasts until somebody resumes. */
const LONGEST_MS = 3650 * 86_400_000;

/**
 * The last word is the duration if it reads as one (`2h`, `1h30m`) and no source has that name; `--for` says the
 * duration without any doubt, and then every word is a name.
 * @throws LullError `BAD_VALUE` (kind `usage`)
 */
export function readPauseWords(
  words: readonly string[],
  forText: string | undefined,
  sourceNames: readonly string[],
): PauseWords {
  if (forText !== undefined) return { names: words, forMs: checked(forText, parseDuration(forText)) };
  const last = words.at(-1);
  const duration = last === undefined || sourceNames.includes(last) ? undefined : parseDuration(last);
  refuseSlips(words.slice(0, duration === undefined ? undefined : -1), sourceNames);
  if (last === undefined || duration === undefined) return { names: words, forMs: undefined };
  return { names: words.slice(0, -1), forMs: checked(last, duration) };
}

/** `2 h`, `2hh`, `2h notes`: no source begins so, thus a duration was meant. */
function refuseSlips(names: readonly string[], sourceNames: readonly string[]): void {
  const slip = names.find((word) => /^\d/.test(word) && !sourceNames.includes(word));
  if (slip === undefined) return;
  if (parseDuration(slip) === undefined) checked(slip, undefined);
  const others = names.filter((word) => word !== slip);
  throw new LullError({
    kind: "usage",
    code: "BAD_VALUE",
    message: `the duration "${slip}" stands in front of a name`,
    hint: `it comes last: lull pause ${[...others, slip].join(" ")}`,
  });
}

function checked(text: string, duration: number | undefined): number {
  if (duration !== undefined && duration > 0 && duration <= LONGEST_MS) return duration;
  throw new LullError({
    kind: "usage",
    code: "BAD_VALUE",
    message: `"${text}" is no length of a pause`,
    hint: "write it as one word: 30m, 2h, 1h30m or 3d; without one the pause lasts until `lull resume`",
  });
}
