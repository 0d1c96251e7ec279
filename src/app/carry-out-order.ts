import { toRunError } from "../sync/run-error.ts";
import type { Context, Deps } from "./deps.ts";
import { maintainSources } from "./maintain-sources.ts";
import { syncSource } from "./sync-source.ts";
import type { MailFailure, WorkerReport, WorkerWork } from "./worker-messages.ts";

/** A sync by hand, and one that has outlived its daemon, are over in a moment; to fail for them would be no news. */
const PATIENCE_MS = 15_000;

/** Does in a worker process what the daemon ordered. Never throws: whatever happens is part of the report. */
export async function carryOutOrder(deps: Deps, order: WorkerWork, context: Context): Promise<WorkerReport> {
  try {
    // Between two orders of a worker that stays somebody may have replaced the database.
    deps.store.look();
    if (order.kind === "check-config") {
      await deps.config.load();
      return { kind: "done" };
    }
    if (order.kind === "maintain") {
      await maintainSources(deps, { names: [], dryRun: false }, context);
      return { kind: "done" };
    }
    if (order.kind === "mail") return { kind: "mailed", failure: await sendMail(deps, order, context) };
    const run = await syncSource(deps, { ...order, dryRun: false, patienceMs: PATIENCE_MS }, context);
    return { kind: "synced", run };
  } catch (error) {
    return { kind: "refused", error: toRunError(error) };
  }
}

type MailOrder = Extract<WorkerWork, { readonly kind: "mail" }>;

async function sendMail(
  deps: Deps,
  { notify, device, notice }: MailOrder,
  { signal }: Context,
): Promise<MailFailure | undefined> {
  const ways = await deps.notices.ways({ notify, device });
  const result = await ways.find(({ kind }) => kind === "email")?.send(notice, signal);
  if (result === undefined || result.kind === "sent") return undefined;
  return { error: toRunError(result.error), again: result.again };
}
