/** A source that a guard has stopped rests, and goes on when the guard has nothing against it any more. */
import type { SyncRun } from "../sync/outcome.ts";
import type { Deps } from "./deps.ts";
import { tolerate } from "./history.ts";

type GuardDeps = Pick<Deps, "pauses" | "log" | "clock">;

/** The folder itself is away, nothing is in it, or it is another one: the pause ends by itself when it is back. */
const HEALING: ReadonlySet<string> = new Set(["folder", "emptied", "repository"]);

export function healsByItself(guard: string | undefined): boolean {
  return guard !== undefined && HEALING.has(guard);
}

/** After each real run: begins, renews or ends the pause. A person's own pause is left as it is. */
export function followGuards(deps: GuardDeps, run: SyncRun): void {
  tolerate(deps, () => {
    const now = deps.clock.now();
    const before = deps.pauses.list(now).find(({ source }) => source === run.source);
    const guard = guardOf(run);
    if (guard !== undefined) {
      if (before !== undefined && before.guard === undefined) return;
      const since = before?.guard === guard ? before.since : now;
      const reason = run.error?.message ?? "a guard stopped it";
      deps.pauses.pause({ source: run.source, since, until: undefined, reason, guard });
    } else if (before?.guard !== undefined && PASSED.has(run.outcome)) deps.pauses.resume(run.source, now);
  });
}

/** Outcomes that a run gets to only when no guard has stopped it. */
const PASSED: ReadonlySet<string> = new Set(["synced", "up-to-date", "conflict", "partial"]);

function guardOf({ error }: SyncRun): string | undefined {
  if (error?.kind !== "guard") return undefined;
  if (error.code === "FOLDER_MISSING") return "folder";
  const guard = error.data["guard"];
  return typeof guard === "string" ? guard : undefined;
}
