/** Which paths the next run has to look at: all that changed since the last complete one began. */
import { type ChangedPaths, MOST_PATHS } from "./watch.ts";

export class RunHints {
  /** Undefined: anything. So it is before the first run: nobody knows what happened until the watch began. */
  #since: Set<string> | undefined;
  /** Of the run that goes on, should it not be complete. */
  #ofRun: ChangedPaths;

  /** @param path undefined: anything may have changed */
  note(path: string | undefined): void {
    if (path === undefined || path === "") this.#since = undefined;
    this.#since?.add(path ?? "");
    if (this.#since !== undefined && this.#since.size > MOST_PATHS) this.#since = undefined;
  }

  start(): ChangedPaths {
    this.#ofRun = this.#since === undefined ? undefined : [...this.#since];
    this.#since = new Set();
    return this.#ofRun;
  }

  end({ isComplete }: { readonly isComplete: boolean }): void {
    if (isComplete) return;
    if (this.#ofRun === undefined) this.#since = undefined;
    for (const path of this.#ofRun ?? []) this.note(path);
  }
}
