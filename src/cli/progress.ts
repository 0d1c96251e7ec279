import { safeText } from "../base/safe-text.ts";
import type { Clock } from "../base/clock.ts";
import { formatByteSize } from "../base/byte-size.ts";
import { formatDuration } from "../base/duration.ts";
import { TransferRates } from "./transfer-rates.ts";
import { cutTo } from "./text-layout.ts";

/** One line on the terminal that shows how far long work has come, and leaves no trace. */
export type Progress = {
  /**
   * @param total undefined when it is not known yet
   * @param unit of both; bytes are shown with their rate and the time that is left
   */
  show(step: string, done?: number, total?: number, unit?: "bytes"): void;
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
  const rates = new TransferRates();
  return {
    show(step, done, total, unit) {
      const now = terminal.clock.monotonic();
      if (now - shownAt < SHORTEST_GAP_MS) return;
      shownAt = now;
      visible = true;
      const text =
        unit === "bytes" && done !== undefined
          ? transferText(step, { done, total, rate: rates.look(step, done, now) })
          : progressText(step, done, total);
      terminal.write(`\r\u001B[2K${cutTo(text, terminal.width() - MARGIN)}`);
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

type Transfer = {
  readonly done: number;
  readonly total: number | undefined;
  /** Bytes per second. */
  readonly rate: number | undefined;
};

/** The total is an estimate, and far off as long as one large object came and many small ones are to come. */
function transferText(step: string, { done, total, rate }: Transfer): string {
  const parts = [safeText(step), formatByteSize(done)];
  if (total !== undefined && total > 0)
    parts[1] += ` of about ${formatByteSize(Math.max(done, total))} (${percent(done, total)} %)`;
  if (rate !== undefined) parts.push(`${formatByteSize(rate)}/s`);
  const seconds = rate === undefined || rate <= 0 || total === undefined ? 0 : (total - done) / rate;
  if (seconds >= 1) parts.push(`${formatDuration(Math.round(seconds) * 1000)} left`);
  return parts.join("  ");
}

function percent(done: number, total: number): number {
  return Math.floor((Math.min(done, total) / total) * 100);
}

function progressText(step: string, done: number | undefined, total: number | undefined): string {
  const text = safeText(step);
  if (done === undefined) return text;
  if (total === undefined || total <= 0) return `${text}  ${done}`;
  return `${text}  ${done}/${total} (${percent(done, total)} %)`;
}
