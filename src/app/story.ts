/**
 * What the daemon tells of its life, as plain data: the foreground prints it, the log keeps it, `daemon status` and the
 * API pass it on. Times are wall time in milliseconds since 1970 UTC.
 */
import type { JobCause } from "../queue/job.ts";
import type { RunError, StepName, SyncRun } from "../sync/outcome.ts";

export type StoryEvent = { readonly at: number } & (
  | {
      readonly kind: "started";
      /** Version of the program. */
      readonly program: string;
      readonly pid: number;
      readonly configFile: string;
      readonly sources: number;
      readonly warnings: readonly string[];
    }
  /** What is known of a source when the daemon starts or its config changes. */
  | {
      readonly kind: "planned";
      readonly source: string;
      /** In words, e.g. `every 6 hours`; empty: only by hand or by file changes. */
      readonly schedules: readonly string[];
      readonly watched: boolean;
      readonly nextAt: number | undefined;
    }
  /** Its schedules come next at another time than was told last. */
  | { readonly kind: "next"; readonly source: string; readonly nextAt: number | undefined }
  | {
      readonly kind: "due";
      readonly source: string;
      readonly cause: JobCause;
      readonly dueSince: number;
      /** It starts at this time at the earliest: jitter. */
      readonly notBefore: number;
    }
  /** A time that was missed and, by `catch_up: false`, is not made up for. */
  | {
      readonly kind: "missed";
      readonly source: string;
      readonly missedAt: number;
      readonly nextAt: number | undefined;
    }
  | { readonly kind: "changed"; readonly source: string; readonly paths: readonly string[] | undefined }
  /** It is due and waits. `reasons` in words, with what was measured. */
  | {
      readonly kind: "waiting";
      readonly source: string;
      readonly reasons: readonly string[];
      readonly dueSince: number;
      readonly latestAt: number | undefined;
    }
  /** It has waited as long as `max_defer` allows and runs although these do not hold. */
  | { readonly kind: "overdue"; readonly source: string; readonly despite: readonly string[] }
  /** Conditions that could not be checked. */
  | { readonly kind: "assumed"; readonly source: string; readonly words: readonly string[] }
  | {
      readonly kind: "begin";
      readonly source: string;
      readonly cause: JobCause;
      readonly dueSince: number;
      /** Tries in a row that failed before this one; left out by older versions. */
      readonly attempts?: number;
    }
  | { readonly kind: "step"; readonly source: string; readonly step: StepName; readonly detail: string }
  | {
      readonly kind: "progress";
      readonly source: string;
      readonly step: string;
      readonly done: number;
      readonly total: number | undefined;
      readonly unit?: "bytes" | undefined;
    }
  | { readonly kind: "end"; readonly run: SyncRun }
  /** The run ended without telling how: its process died or was ended. */
  | { readonly kind: "lost"; readonly source: string; readonly why: string }
  | {
      readonly kind: "retry";
      readonly source: string;
      readonly retryAt: number;
      readonly reason: string;
      readonly attempts: number;
    }
  | { readonly kind: "parked"; readonly source: string; readonly reason: string }
  | {
      readonly kind: "held";
      readonly host: string;
      readonly until: number;
      readonly reason: string;
      /** It could not be reached; otherwise it asked for patience. */
      readonly unreachable?: boolean;
    }
  | { readonly kind: "watching"; readonly source: string; readonly folders: number | undefined }
  | {
      readonly kind: "polling";
      readonly source: string;
      readonly everyMs: number;
      readonly reason: string;
      readonly hint: string | undefined;
    }
  | { readonly kind: "gone"; readonly source: string; readonly message: string }
  | { readonly kind: "back"; readonly source: string }
  | {
      readonly kind: "noise";
      readonly source: string;
      readonly paths: readonly { readonly path: string; readonly everyMs: number }[];
    }
  /** The machine slept, or the program was stopped, for so long. */
  | { readonly kind: "woke"; readonly awayMs: number }
  | { readonly kind: "clock-set"; readonly byMs: number }
  | { readonly kind: "network"; readonly online: boolean }
  | {
      readonly kind: "reloaded";
      readonly added: readonly string[];
      readonly removed: readonly string[];
      readonly changed: readonly string[];
      readonly warnings: readonly string[];
    }
  | { readonly kind: "reload-refused"; readonly error: RunError }
  | {
      readonly kind: "paused";
      readonly source: string;
      readonly until: number | undefined;
      readonly reason: string;
    }
  | { readonly kind: "resumed"; readonly source: string }
  /** What the last daemon left behind and this one takes up again. */
  | { readonly kind: "recovered"; readonly sources: readonly string[] }
  | { readonly kind: "tidied"; readonly runs: number; readonly auditEntries: number }
  | { readonly kind: "trouble"; readonly message: string; readonly hint: string | undefined }
  /** What a part of the daemon has to say, e.g. that notices reach nobody. */
  | { readonly kind: "remark"; readonly level: "debug" | "info" | "warn"; readonly message: string }
  | { readonly kind: "stopping"; readonly why: string; readonly running: readonly string[] }
  | { readonly kind: "stopped" }
);

type Untimed<Event> = Event extends StoryEvent ? Omit<Event, "at"> : never;
/** As its teller knows it; the daemon adds the time. */
export type Told = Untimed<StoryEvent>;
export type Tell = (event: Told) => void;

export type StoryLevel = "debug" | "info" | "warn" | "error";

const LEVELS: Readonly<Partial<Record<StoryEvent["kind"], StoryLevel>>> = {
  step: "debug",
  progress: "debug",
  assumed: "debug",
  next: "debug",
  changed: "debug",
  tidied: "debug",
  noise: "warn",
  polling: "warn",
  gone: "warn",
  retry: "warn",
  held: "warn",
  missed: "warn",
  "clock-set": "warn",
  lost: "error",
  parked: "error",
  "reload-refused": "error",
  trouble: "error",
};

export function levelOf(event: StoryEvent): StoryLevel {
  if (event.kind === "end") {
    const { outcome } = event.run;
    if (outcome === "failed") return event.run.error?.retry === true ? "warn" : "error";
    return outcome === "partial" || outcome === "conflict" ? "warn" : "info";
  }
  return event.kind === "remark" ? event.level : (LEVELS[event.kind] ?? "info");
}

/** Undefined: it concerns the daemon as a whole. */
export function sourceOf(event: StoryEvent): string | undefined {
  if (event.kind === "end") return event.run.source;
  return "source" in event && event.source !== "*" ? event.source : undefined;
}

export const STORY_LEVELS: readonly StoryLevel[] = ["debug", "info", "warn", "error"];
