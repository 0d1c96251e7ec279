/** Starts the threads whose entries are `src/*-worker.ts`, from the sources and from the compiled binary. */
import { availableParallelism } from "node:os";

import { isCompiled } from "./self-command.ts";
import { currentSystem } from "./system.ts";

type Thread<Message> = { post(message: Message): void; stop(): void };

/** @returns undefined on one processor, where a second thread would only take turns */
export function startDeflateThread(shared: SharedArrayBuffer): { stop(): void } | undefined {
  const thread = start<SharedArrayBuffer>("deflate-worker");
  thread?.post(shared);
  return thread;
}

/** One for all repositories of the process, whose scans never run at the same time; with how many use it. */
let scanThread: { readonly thread: Thread<unknown>; users: number } | undefined;

/** @returns undefined where the thread would have nothing to look with (see `folder-stats.ts`), and on one processor */
export function startScanThread<Order>(): Thread<Order> | undefined {
  const thread =
    scanThread?.thread ?? (currentSystem() === "linux" ? start<unknown>("scan-worker") : undefined);
  if (thread === undefined) return undefined;
  const shared = (scanThread ??= { thread, users: 0 });
  shared.users++;
  let isUsed = true;
  return {
    post: (order) => shared.thread.post(order),
    stop() {
      if (!isUsed) return;
      isUsed = false;
      shared.users--;
      if (shared.users > 0) return;
      shared.thread.stop();
      scanThread = undefined;
    },
  };
}

/** @returns undefined on one processor */
export function startPullThread<Order>(): Thread<Order> | undefined {
  return start<Order>("pull-worker");
}

/**
 * It runs 3 to 7 ms later, also while the caller's thread is busy. A thread that can not be loaded is no error: it
 * never answers.
 */
function start<Message>(entry: string): Thread<Message> | undefined {
  if (availableParallelism() < 2) return undefined;
  const folder = import.meta.dir;
  // `scripts/build.ts` puts the entries into the binary by their path in the project.
  const worker = new Worker(isCompiled() ? `${folder}/src/${entry}.js` : `${folder}/../${entry}.ts`);
  worker.addEventListener("error", (event) => event.preventDefault());
  worker.unref();
  return { post: (message) => worker.postMessage(message, []), stop: () => worker.terminate() };
}
