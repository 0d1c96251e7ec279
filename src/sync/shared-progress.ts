/** Makes one figure of what several remotes tell at once: a person sees one line for each source. */
import type { Progress } from "../git/model.ts";

type Figures = { readonly done: number; readonly total: number | undefined };

export class SharedProgress {
  readonly #tell: Progress;
  /** By step, then by remote. */
  readonly #steps = new Map<string, Map<string, Figures>>();

  constructor(tell: Progress) {
    this.#tell = tell;
  }

  /** What a remote told before belongs to earlier work from here on. */
  begin(remote: string): Progress {
    for (const parts of this.#steps.values()) parts.delete(remote);
    return (step, done, total, unit) => {
      const parts = this.#steps.get(step) ?? new Map<string, Figures>();
      this.#steps.set(step, parts.set(remote, { done, total }));
      const all = [...parts.values()];
      this.#tell(step, sumOf(all.map((part) => part.done)) ?? 0, sumOf(all.map((part) => part.total)), unit);
    };
  }
}

/** Undefined when one of them is. */
function sumOf(values: readonly (number | undefined)[]): number | undefined {
  let sum = 0;
  for (const value of values) {
    if (value === undefined) return undefined;
    sum += value;
  }
  return sum;
}
