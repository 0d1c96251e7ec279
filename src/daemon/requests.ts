/** Takes in that something is wanted of sources: by a person, by a change, at the start. When, a turn decides. */
import type { Clock } from "../base/clock.ts";
import { type JobCause, type JobFacts, type JobRequest, NO_FACTS } from "../queue/job.ts";
import type { Calendar } from "./calendar.ts";
import type { KnownSource } from "./known-source.ts";
import type { QueueWriter } from "./queue-writer.ts";
import type { Trouble } from "./trouble.ts";

export type RequestsDeps = {
  readonly clock: Clock;
  readonly calendar: Pick<Calendar, "factsOf">;
  readonly writer: Pick<QueueWriter, "request">;
  readonly trouble: Trouble;
  /** None of any other source is taken. */
  readonly sources: () => ReadonlyMap<string, KnownSource>;
};

export class Requests {
  readonly #deps: RequestsDeps;

  constructor(deps: RequestsDeps) {
    this.#deps = deps;
  }

  /** Never throws: what the database does not take is noted and written later. */
  add(names: readonly string[], cause: JobCause, more: Partial<JobRequest> = {}): void {
    const { clock, writer, trouble, sources } = this.#deps;
    const at = clock.now();
    const requests = names.flatMap((source) => {
      const known = sources().get(source);
      if (known === undefined) return [];
      const facts = this.#factsOf(source);
      return [{ source, cause, at, host: known.host, hints: undefined, ...more, facts }];
    });
    trouble.guard(() => writer.request(requests));
  }

  /** A request counts also when the history can not be read. */
  #factsOf(source: string): JobFacts {
    let facts = NO_FACTS;
    this.#deps.trouble.guard(() => {
      facts = this.#deps.calendar.factsOf(source);
    });
    return facts;
  }
}
