import { safeText } from "../base/safe-text.ts";
import type { Clock } from "../base/clock.ts";
import { cutTo } from "./text-layout.ts";

/** One line on the terminal that shows how far long work has come, and leaves no trace. */
export type Progress = {
  /** @param total undefined when it is not known yet. */
  show(step: string, done?: number, total?: number): void;
  clear(): void;
};

/** Ten lines a second are as many as a person can see; more would only slow the work down. */
const SHORTEST_GAP_MS = 100;

/** The cursor's own column, and two for the `^C` that a terminal shows: a line that breaks could not be taken back. */
const MARGIN = 3;

export const noProgress: Progress = { show: () => {}, clear: () => {} };

export function createProgress(terminal: {
  write(text: string): void;
  width(): number;
  readonly clock: Clock;
}): Progress {
  let shownAt = Number.NEGATIVE_INFINITY;
  let visible = false;
  return {
    show(step, done, total) {
      const now = terminal.clock.monotonic();
      if (now - shownAt < SHORTEST_GAP_MS) return;
      shownAt = now;
      visible = true;
      terminal.write(`\r\u001B[2K${cutTo(progressText(step, done, total), terminal.width() - MARGIN)}`);
    },
    clear() {
      if (!visible) return;
      visible = false;
      // The next line must not wait: it may belong to other work.
      shownAt = Number.NEGATIVE_INFINITY;
      terminal.write("\r\u001B[2K");
    },
  };
}

function progressText(step: string, done: number | undefined, total: number | undefined): string {
  const text = safeText(step);
  if (done === undefined) return text;
  if (total === undefined || total <= 0) return `${text}  ${done}`;
  return `${text}  ${done}/${total} (${Math.floor((Math.min(done, total) / total) * 100)} %)`;
}
