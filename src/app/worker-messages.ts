/**
 * What the daemon and its workers say to each other: one JSON document a line, orders on the worker's stdin, reports on
 * its stdout. Both are the same build, so there is no version. A worker whose stdin ends finishes what it does and goes.
 */
import { redactIn } from "../base/redact.ts";
import type { BandwidthConfig, NotifyConfig, Source } from "../config/config.ts";
import type { Notice } from "../notify/notify.ts";
import type { JobCause } from "../queue/job.ts";
import type { RunError, SyncEvent, SyncRun } from "../sync/outcome.ts";

export type WorkerOrder =
  | WorkerWork
  /** What syncs may use of the network from now on, also the one that runs; carried out at once, without an answer. */
  | { readonly kind: "bandwidth"; readonly limits: BandwidthConfig };

/** One thing at a time, each answered with a report. */
export type WorkerWork =
  | {
      readonly kind: "sync";
      /** The daemon's own knowledge: the file may hold a mistake by now, and the last good config counts. */
      readonly source: Source;
      readonly device: string;
      readonly cause: JobCause;
      /**
       * Paths that may have changed since this worker's last scan of the source began, as `ScanInput.hints`; left out:
       * anything may have.
       */
      readonly hints?: readonly string[] | undefined;
    }
  /** Reads and checks the config, so that the daemon need not load the parser. */
  | { readonly kind: "check-config" }
  /** Tends all repositories. */
  | { readonly kind: "maintain" }
  /** Sends a notice by mail, for which the daemon need not load what speaks SMTP. */
  | {
      readonly kind: "mail";
      readonly notify: NotifyConfig;
      readonly device: string;
      readonly notice: Notice;
    };

/** As `SendResult` has it, for the way through a pipe. */
export type MailFailure = { readonly error: RunError; readonly again: "never" | "later" | number };

export type WorkerReport =
  | { readonly kind: "event"; readonly event: SyncEvent }
  | { readonly kind: "synced"; readonly run: SyncRun }
  | { readonly kind: "done" }
  | { readonly kind: "mailed"; readonly failure: MailFailure | undefined }
  /** The order could not be carried out at all. */
  | { readonly kind: "refused"; readonly error: RunError };

/** An order holds what its worker needs to reach a remote, be it a password in a URL. */
export function encodeOrder(order: WorkerOrder): string {
  return `${JSON.stringify(order)}\n`;
}

/** What the worker has read as a secret the daemon does not know, so it is taken out on this side. */
export function encodeReport(report: WorkerReport): string {
  return `${JSON.stringify(redactIn(report))}\n`;
}

/** Returns undefined for a line that is none of ours, as for the next one. */
export function readOrder(line: string): WorkerOrder | undefined {
  return readMessage(line) as WorkerOrder | undefined;
}

export function readReport(line: string): WorkerReport | undefined {
  return readMessage(line) as WorkerReport | undefined;
}

function readMessage(line: string): object | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && "kind" in value ? value : undefined;
  } catch {
    return undefined;
  }
}
