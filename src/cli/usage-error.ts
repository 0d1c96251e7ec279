import { LullError } from "../base/errors.ts";
import { nearestWord } from "../base/nearest-word.ts";

/** Returns the error of a command line that can not be understood; exit code 2. */
export function usageError(code: string, message: string, hint: string): LullError {
  return new LullError({ kind: "usage", code, message, hint });
}

/** Returns a hint that names the nearest known word, if there is one, and where all of them are listed. */
export function didYouMean(word: string, known: Iterable<string>, listing: string): string {
  const nearest = nearestWord(word, known);
  return nearest === undefined ? listing : `did you mean "${nearest}"? ${listing}`;
}
