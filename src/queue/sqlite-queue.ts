import type { Database, Store } from "../store/database.ts";
import { claimJob } from "./claim-job.ts";
import { countJobs } from "./count-jobs.ts";
import type { HostDecision, RunDecision } from "./decide-after-run.ts";
import { deferJob } from "./defer-job.ts";
import { extendLeases } from "./extend-leases.ts";
import { finishJob } from "./finish-job.ts";
import { heldHosts } from "./held-hosts.ts";
import { forgetHold, holdHost } from "./hold-host.ts";
import { deleteRow, readRow, toJob } from "./job-row.ts";
import { listJobs } from "./list-jobs.ts";
import { nextWake } from "./next-wake.ts";
import { parkJob, unparkJob } from "./park-job.ts";
import type { Held, JobQueue } from "./queue.ts";
import { recoverJobs } from "./recover-jobs.ts";
import { requestJob } from "./request-job.ts";
import { retryJob } from "./retry-job.ts";
import { retryUnreachable } from "./retry-unreachable.ts";
import { wakeJobs } from "./wake-jobs.ts";

/**
 * After a power cut the last changes may be missing, in order and whole: a job that was claimed is queued again, one
 * that was finished runs once more and finds nothing to do, a request is made again by its schedule or by the scan at
 * start-up. None of that is worth a flush of the disk for each step of a job.
 */
const DURABILITY = "kill";

export function createJobQueue(store: Store): JobQueue {
  const write = <T>(work: (database: Database) => T): T => store.transact(DURABILITY, work);
  const read = <T>(work: (database: Database) => T): T => store.use("read", work);
  return {
    request: (requests) => write((database) => requests.map((request) => requestJob(database, request))),
    claim: (input) => write((database) => claimJob(database, input)),
    heartbeat: (sources, { owner, now, leaseMs }) =>
      write((database) => extendLeases(database, sources, { owner, until: now + leaseMs })),
    settle: (held, decision, now) => write((database) => settle(database, held, decision, now)),
    finish: (held, now) => write((database) => finishJob(database, held, now)),
    retry: (held, input) => write((database) => retryJob(database, held, input)),
    park: (held, reason, now) => write((database) => parkJob(database, held, reason, now)),
    unpark: (source, now) => write((database) => unparkJob(database, source, now)),
    defer: (owner, input) => write((database) => deferJob(database, owner, input)),
    wake: (now, sources) => write((database) => wakeJobs(database, now, sources)),
    hold: (host, input) => write((database) => holdHost(database, { host, ...input })),
    retryUnreachable: (now) => write((database) => retryUnreachable(database, now)),
    reached: (host) => write((database) => forgetHold(database, host)),
    recover: (input) => write((database) => recoverJobs(database, input)),
    get: (source) => read((database) => rowAsJob(database, source)),
    list: (filter) => read((database) => listJobs(database, filter?.limit ?? -1)),
    heldHosts: (now) => read((database) => heldHosts(database, now)),
    counts: () => read(countJobs),
    nextWakeAt: (now) => read((database) => nextWake(database, now)),
    remove: (source) => write((database) => deleteRow(database, source)),
  };
}

function rowAsJob(database: Database, source: string): ReturnType<JobQueue["get"]> {
  const row = readRow(database, source);
  return row === undefined ? undefined : toJob(row);
}

/** What was learnt about the hosts counts also when the job itself was taken by another meanwhile. */
function settle(database: Database, held: Held, decision: RunDecision, now: number): boolean {
  for (const host of decision.hosts) applyToHost(database, host);
  switch (decision.kind) {
    case "finish":
      return finishJob(database, held, now);
    case "park":
      return parkJob(database, held, decision.reason, now);
    case "retry":
      return retryJob(database, held, { ...decision, now });
  }
}

function applyToHost(database: Database, decision: HostDecision): void {
  if (decision.kind === "reached") forgetHold(database, decision.host);
  else holdHost(database, decision);
}
