/** Gathers names under the sentence that says why they are left out. */
import { PATH_PROBLEMS, type PathProblem } from "./home-path.ts";
import type { Remark } from "./import.ts";

export class LeftOut {
  readonly #names = new Map<string, string[]>();

  /** @param name left out for a sentence that stands by itself */
  add(text: string, name?: string): void {
    const names = this.#names.get(text) ?? [];
    if (name !== undefined && !names.includes(name)) names.push(name);
    this.#names.set(text, names);
  }

  addPath(problem: PathProblem, name: string): void {
    this.add(PATH_PROBLEMS[problem], name);
  }

  /** In the order in which the sentences came first. */
  remarks(): readonly Remark[] {
    return [...this.#names].map(([text, names]) => ({ text, names }));
  }
}
