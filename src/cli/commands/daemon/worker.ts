import { carryOutOrder } from "../../../app/carry-out-order.ts";
import type { Context } from "../../../app/deps.ts";
import { encodeReport, type WorkerReport } from "../../../app/worker-messages.ts";
import { systemTimers } from "../../../base/timers.ts";
import { defineCommand } from "../../command.ts";
import type { Session } from "../../session.ts";
import { WorkerOrders } from "./worker-orders.ts";

/** Not for people: the daemon starts it and talks to it over stdin and stdout, see `app/worker-messages.ts`. */
export const workerCommand = defineCommand({
  meta: {
    name: "daemon worker",
    details: ["The daemon starts it for its syncs; it is of no use by hand."],
    examples: [],
  },
  args: {},
  run: async (session) => {
    const deps = await session.deps({ staysOpen: true });
    using orders = new WorkerOrders(session.io.stdin, systemTimers, (limits) => {
      deps.bandwidth.limits = limits;
    });
    const signal = AbortSignal.any([session.signal, orders.orphaned]);
    for (let order = await orders.next(); order !== undefined; order = await orders.next()) {
      const onEvent = eventTeller(session);
      tell(session, await carryOutOrder(deps, order, { signal, onEvent }));
      if (signal.aborted) return "interrupted";
    }
    return "ok";
  },
});

function tell({ io }: Session, report: WorkerReport): void {
  io.stdout(encodeReport(report));
}

/** As often as a person who watches the daemon can make use of it. */
const PROGRESS_GAP_MS = 500;

function eventTeller(session: Session): NonNullable<Context["onEvent"]> {
  let toldAt = Number.NEGATIVE_INFINITY;
  return (event) => {
    const now = session.clock.monotonic();
    if (event.kind === "progress") {
      if (now - toldAt < PROGRESS_GAP_MS) return;
      toldAt = now;
    }
    tell(session, { kind: "event", event });
  };
}
