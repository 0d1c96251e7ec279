import { throwIfAborted } from "./abort.ts";

/** Waits, or throws at once when the signal fires; leaves no timer or listener behind. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  throwIfAborted(signal);
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
  throwIfAborted(signal);
}
