import { LullError } from "../base/errors.ts";
import { sleep } from "../base/sleep.ts";
import type { Source } from "../config/config.ts";
import type { Context, Deps } from "./deps.ts";

const LOOK_MS = 100;

/**
 * The source's lock, waited for as long as `patienceMs` says; default: not at all.
 * @throws LullError `SOURCE_LOCKED` (kind `locked`), `INTERRUPTED`
 */
export async function acquirePatiently(
  deps: Pick<Deps, "locks">,
  input: { readonly source: Pick<Source, "name">; readonly patienceMs?: number | undefined },
  context: Context,
): Promise<Disposable> {
  const { name } = input.source;
  const { patienceMs = 0 } = input;
  for (let waited = 0; ; waited += LOOK_MS) {
    try {
      return deps.locks.acquire(name);
    } catch (error) {
      const isBusy = error instanceof LullError && error.code === "SOURCE_LOCKED";
      if (!isBusy || waited >= patienceMs) throw error;
      context.onEvent?.({ kind: "step", source: name, step: "look", detail: `waiting: ${error.message}` });
      await sleep(LOOK_MS, context.signal);
    }
  }
}
