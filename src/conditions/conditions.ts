/**
 * Whether now is a good moment to sync a source that is due, and if not, what it waits for, in words with the figures
 * that were measured, and until when at the latest. Pure judgement over what the config asks for and what the machine
 * answered (`platform/readings/`). This folder must not know what a sync does, what is queued, or who asks.
 */
import type { Clock } from "../base/clock.ts";
import type { WhenConfig } from "../config/config.ts";
import type { Readings } from "../platform/readings/readings.ts";

/** As the keys of `when` in the config. `online`: what any sync with a remote over the network needs. */
export type ConditionName =
  | "online"
  | "network"
  | "idle"
  | "power"
  | "load"
  | "disk"
  | "quiet_hours"
  | "min_gap";

export type JudgeInput = {
  readonly when: WhenConfig;
  /** It has remotes that are reached over the network: without one it waits, whatever `when` says. */
  readonly needsNetwork: boolean;
  /** At least what `neededReadings` names; one that is missing counts as unknown. */
  readonly readings: Partial<Readings>;
  /** Its local time counts for quiet hours. */
  readonly clock: Pick<Clock, "now" | "utcOffset">;
  /** Wall time since when it is due. */
  readonly dueSince: number;
  /** Wall time at which the last sync of the source ended. Undefined: never. */
  readonly lastRunAt: number | undefined;
};

/** Times are wall time in milliseconds. */
export type Verdict =
  | {
      readonly kind: "go";
      /** `max_defer` is over: it runs although these do not hold. Empty when it is not overdue. */
      readonly despite: readonly Reason[];
      readonly overdue: boolean;
      readonly assumed: readonly Assumption[];
    }
  | {
      readonly kind: "wait";
      /** What does not hold, at least one. */
      readonly reasons: readonly Reason[];
      readonly assumed: readonly Assumption[];
      /** By then it runs in any case. Undefined: there is no `max_defer`, or a reason is `firm`. */
      readonly latestAt: number | undefined;
      /** To be judged again then, with new readings: before, the answer can not be another one. After `now`. */
      readonly recheckAt: number;
    };

/** A condition that does not hold. */
export type Reason = {
  readonly condition: ConditionName;
  /** `5 min without input`, `battery >= 30 %`, `load <= 0.8` */
  readonly wanted: string;
  /** `last input 40 s ago`, `on battery 24 %`, `load 1.3 per core` */
  readonly measured: string;
  /** Both in one phrase for people: `waits for 5 min without input (last input 40 s ago)` */
  readonly words: string;
  /** Wall time in milliseconds before which it can not hold, where that is known (quiet hours, the gap, idleness). */
  readonly until: number | undefined;
  /** Not even `max_defer` overrules it: offline, or too little room on the disk. */
  readonly firm: boolean;
};

/** A condition that could not be checked and, by `when.unknown: go`, counts as met. */
export type Assumption = {
  readonly condition: ConditionName;
  /** `cannot tell whether the network is metered (…); goes on, since when.unknown is "go"` */
  readonly words: string;
};
