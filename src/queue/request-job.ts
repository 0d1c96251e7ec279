import type { Database } from "../store/database.ts";
import { firstTurn, fold, foldAgain, waitingOf } from "./fold.ts";
import { tryHeldHost } from "./hold-host.ts";
import { againOf, againText, type JobRow, readRow, writeRow } from "./job-row.ts";
import type { JobRequest } from "./job.ts";
import { columnsOf, newRow, stateFor, waitingPartOf } from "./queued-row.ts";
import type { RequestResult } from "./queue.ts";

/** Makes a job of a request, or folds it into the one that the source has. */
export function requestJob(database: Database, request: JobRequest): RequestResult {
  const { source } = request;
  if (request.cause === "person" && request.host !== undefined)
    tryHeldHost(database, request.host, request.at);
  const row = readRow(database, source);
  if (row === undefined) {
    writeRow(database, newRow(source, request.host ?? "", waitingOf(request), request.at));
    return { source, kind: "queued" };
  }
  switch (row.state) {
    case "running":
      writeIfChanged(database, row, againText(foldAgain(againOf(row), waitingOf(request))));
      return { source, kind: "again" };
    case "parked":
      // Nothing but a person's word: a schedule would only kill one worker after the other.
      if (request.cause !== "person") return { source, kind: "parked" };
      writeRow(database, newRow(source, request.host ?? "", waitingOf(request), request.at));
      return { source, kind: "unparked" };
    case "ready":
    case "waiting":
      foldInto(database, row, request);
      return { source, kind: "folded" };
  }
}

function writeIfChanged(database: Database, row: JobRow, again: string): void {
  if (again !== row.again) writeRow(database, { ...row, again });
}

function foldInto(database: Database, row: JobRow, request: JobRequest): void {
  const before = waitingPartOf(row);
  const added = waitingOf(request);
  const isHeldBack = row.attempts > 0 || row.waits !== null;
  const after = fold(before, added, isHeldBack);
  const isHastened = after.notBefore < before.notBefore;
  const turn = Math.min(row.turn, firstTurn({ ...after, requestedAt: request.at }));
  const folded: JobRow = {
    ...row,
    ...columnsOf(after),
    host: request.host ?? "",
    turn,
    state: isHastened ? stateFor(after.notBefore, request.at) : row.state,
    waits: isHastened ? null : row.waits,
  };
  // A noisy folder asks again and again for the same.
  if (!isSame(row, folded)) writeRow(database, folded);
}

function isSame(first: JobRow, second: JobRow): boolean {
  return (Object.keys(first) as (keyof JobRow)[]).every((column) => first[column] === second[column]);
}
