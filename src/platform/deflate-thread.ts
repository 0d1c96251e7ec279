/** Starts `src/deflate-worker.ts` as a thread, from the sources and from the compiled binary. */
import { availableParallelism } from "node:os";

/** Where a compiled binary keeps its files; `scripts/build.ts` puts the entries there by their path in the project. */
const EMBEDDED = /[/\\](?:\$bunfs|~BUN)[/\\]/;

/**
 * Starts 3 to 7 ms later, also while the caller's thread is busy. A thread that can not be loaded is no error: it
 * never answers.
 * @returns undefined on one processor, where a second thread would only take turns
 */
export function startDeflateThread(shared: SharedArrayBuffer): { stop(): void } | undefined {
  if (availableParallelism() < 2) return undefined;
  const worker = new Worker(workerFile());
  worker.addEventListener("error", (event) => event.preventDefault());
  worker.unref();
  worker.postMessage(shared, []);
  return { stop: () => worker.terminate() };
}

function workerFile(): string {
  const folder = import.meta.dir;
  return EMBEDDED.test(`${folder}/`) ? `${folder}/src/deflate-worker.js` : `${folder}/../deflate-worker.ts`;
}
