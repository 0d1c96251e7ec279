import { LullError, messageOf } from "../base/errors.ts";

/** An error as the story tells it. */
export function wordsOf(error: unknown): { readonly message: string; readonly hint: string | undefined } {
  return { message: messageOf(error), hint: error instanceof LullError ? error.hint : undefined };
}
