import { TurnKeeper } from "../objects/turn-keeper.ts";
import type { VerifyInput } from "./verify-result.ts";

/** Counts bytes for all steps together. */
export type Work = {
  readonly turns: TurnKeeper;
  /** Takes notice of bytes that were looked at, and lets others have a turn now and then. */
  did(bytes: number): Promise<void>;
};

export function startWork(total: number, step: string, { signal, onProgress }: VerifyInput): Work {
  const turns = new TurnKeeper(signal);
  let done = 0;
  return {
    turns,
    async did(bytes) {
      done += bytes;
      if (!turns.isDue(bytes)) return;
      onProgress?.(step, Math.min(done, total), total, "bytes");
      await turns.turn();
    },
  };
}
