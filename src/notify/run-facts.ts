/** What a finished run says about its source, its conflicts and the hosts of its remotes. Pure. */
import type { RunError } from "../sync/outcome.ts";
import { counted, hostOf, noticeText } from "./notice-text.ts";
import type { Notice, RunReport } from "./notify.ts";
import type { Condition } from "./rules.ts";
import {
  conflictCondition,
  failedCondition,
  leftOutCondition,
  partialCondition,
  skippedCondition,
} from "./run-conditions.ts";

export type RunFacts = {
  /** `unknown`: the run says nothing of it, so what was known holds on. */
  readonly source:
    | { readonly kind: "well" }
    | { readonly kind: "unknown" }
    /** @property weak what is known to be worse holds on */
    | { readonly kind: "bad"; readonly condition: Condition; readonly weak: boolean };
  /** Undefined: the run did not come so far as to know. */
  readonly conflict: { readonly condition: Condition | undefined } | undefined;
  /** As `conflict`, of files that a guard leaves out. */
  readonly leftOut: { readonly condition: Condition | undefined } | undefined;
  readonly reached: readonly string[];
  readonly unreached: readonly string[];
  /** News of a good run; undefined: nothing moved. */
  readonly moved: Notice | undefined;
  /** The source is in sync with every remote. */
  readonly isGood: boolean;
};

/** @param now milliseconds since 1970 UTC */
export function runFacts(run: RunReport, now: number): RunFacts {
  const hosts = hostsOf(run);
  const errors = run.remotes.flatMap(({ error }) => (error === undefined ? [] : [error]));
  const isWhole = ["synced", "up-to-date", "conflict"].includes(run.outcome);
  const isGood = isWhole && errors.length === 0;
  return {
    ...hosts,
    source: sourceFact(run, errors, now),
    conflict:
      isWhole || run.outcome === "partial"
        ? { condition: !run.conflicts.some(({ open }) => open) ? undefined : conflictCondition(run, now) }
        : undefined,
    leftOut: isWhole || run.outcome === "partial" ? { condition: leftOutOf(run, now) } : undefined,
    moved: isGood && run.outcome === "synced" ? movedNotice(run, now) : undefined,
    isGood,
  };
}

function leftOutOf({ source, skippedPaths = [] }: RunReport, now: number): Condition | undefined {
  const leftOut = skippedPaths.filter(({ guard }) => guard !== undefined);
  return leftOut.length === 0 ? undefined : leftOutCondition(source, leftOut, now);
}

const NO_VERDICT = { kind: "unknown" } as const;

function sourceFact(run: RunReport, errors: readonly RunError[], now: number): RunFacts["source"] {
  switch (run.outcome) {
    case "skipped":
      return { kind: "bad", condition: skippedCondition(run, now), weak: true };
    case "failed": {
      const all = errors.length > 0 ? errors : run.error === undefined ? [] : [run.error];
      const error = all.find((one) => !isUnreachable(one) && !saysNothing(one));
      if (error === undefined) return NO_VERDICT;
      return { kind: "bad", condition: failedCondition(run.source, error, now), weak: false };
    }
    default: {
      const condition = partialCondition(
        run,
        run.remotes.filter(({ error }) => error !== undefined && !isUnreachable(error)),
        now,
      );
      return condition === undefined ? { kind: "well" } : { kind: "bad", condition, weak: false };
    }
  }
}

/** The network or the server is away: that is told of the host, once for all its sources. */
function isUnreachable(error: RunError): boolean {
  return error.kind === "unreachable" && error.retry && error.code !== "RATE_LIMITED";
}

/** Ended by a person, or another lull is at work. */
function saysNothing(error: RunError): boolean {
  return error.kind === "interrupted" || error.kind === "locked";
}

function hostsOf(run: RunReport): Pick<RunFacts, "reached" | "unreached"> {
  const unreached = new Set<string>();
  const reached = new Set<string>();
  for (const { url, error } of run.remotes) {
    if (error === undefined) reached.add(hostOf(url));
    else if (isUnreachable(error)) unreached.add(hostOf(url));
    // Whoever refuses has answered.
    else if (error.kind === "auth") reached.add(hostOf(url));
  }
  const { error } = run;
  if (run.remotes.length === 0 && error !== undefined && isUnreachable(error)) {
    unreached.add(noticeText(String(error.data["host"] ?? error.data["remote"] ?? "the remote")));
  }
  return { reached: [...reached], unreached: [...unreached] };
}

function movedNotice(run: RunReport, now: number): Notice {
  const sum = (pick: (remote: RunReport["remotes"][number]) => number): number =>
    run.remotes.reduce((total, remote) => total + pick(remote), 0);
  const parts = [
    [run.committed?.files ?? 0, "file", "committed"],
    [sum(({ received }) => received), "commit", "received"],
    [sum(({ sent }) => sent), "commit", "sent"],
  ] as const;
  const did = parts.flatMap(([amount, what, verb]) =>
    amount === 0 ? [] : [`${counted(amount, what)} ${verb}`],
  );
  return {
    subject: `source:${run.source}`,
    kind: "synced",
    level: "info",
    title: `${noticeText(run.source)} is synced`,
    body: did.length === 0 ? [] : [did.join(", ")],
    source: run.source,
    command: undefined,
    paths: [],
    at: now,
  };
}
