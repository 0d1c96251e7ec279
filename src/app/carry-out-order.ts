import { toRunError } from "../sync/run-error.ts";
import type { Context, Deps } from "./deps.ts";
import { maintainSources } from "./maintain-sources.ts";
import { syncSource } from "./sync-source.ts";
import type { WorkerOrder, WorkerReport } from "./worker-messages.ts";

/** Does in a worker process what the daemon ordered. Never throws: whatever happens is part of the report. */
export async function carryOutOrder(deps: Deps, order: WorkerOrder, context: Context): Promise<WorkerReport> {
  try {
    if (order.kind === "check-config") {
      await deps.config.load();
      return { kind: "done" };
    }
    if (order.kind === "maintain") {
      await maintainSources(deps, { names: [], dryRun: false }, context);
      return { kind: "done" };
    }
    const run = await syncSource(deps, { ...order, dryRun: false }, context);
    return { kind: "synced", run };
  } catch (error) {
    return { kind: "refused", error: toRunError(error) };
  }
}
