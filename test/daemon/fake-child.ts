import type { WorkerOrder, WorkerReport } from "../../src/app/worker-messages.ts";
import type { ChildExit, StartChild } from "../../src/daemon/worker-child.ts";

/** A worker process of the test's own making: it says what the test has it say. */
export type FakeChild = {
  readonly pid: number;
  readonly orders: WorkerOrder[];
  readonly signals: string[];
  isEnding: boolean;
  say(report: WorkerReport): void;
  exit(exit: ChildExit): void;
};

/** @param onOrder what each child does when it is given an order */
export function fakeChildren(onOrder: (child: FakeChild, order: WorkerOrder) => void = () => {}): {
  readonly start: StartChild;
  readonly children: readonly FakeChild[];
} {
  const children: FakeChild[] = [];
  const start: StartChild = (onLine) => {
    const { promise: exited, resolve } = Promise.withResolvers<ChildExit>();
    const child: FakeChild = {
      pid: 1000 + children.length,
      orders: [],
      signals: [],
      isEnding: false,
      say: (report) => onLine(JSON.stringify(report)),
      exit: resolve,
    };
    children.push(child);
    return {
      pid: child.pid,
      send: (line) => {
        const order = JSON.parse(line) as WorkerOrder;
        child.orders.push(order);
        onOrder(child, order);
      },
      end: () => {
        child.isEnding = true;
        resolve({ how: "exit code 0", stderr: "" });
      },
      kill: (signal) => {
        child.signals.push(signal);
        if (signal === "SIGKILL") resolve({ how: "signal SIGKILL", stderr: "" });
      },
      exited,
    };
  };
  return { start, children };
}
