/** The one judgement: may a source that is due be synced now? */
import type { Assumption, JudgeInput, Reason, Verdict } from "./conditions.ts";
import type { Finding } from "./finding.ts";
import { machineFindings } from "./machine-findings.ts";
import { gapFinding, quietFinding } from "./time-findings.ts";

/** Readings are taken anew so often at most, while something waits. */
const POLL_MS = 30_000;
/** For a reason that no time ends. */
const LONG_MS = 3_600_000;

/**
 * Pure. A sync that a person asks for by hand is not judged at all: it starts, and says itself what hinders it.
 *
 * `max_defer` ends every waiting but one for what would make the sync fail or do harm: no network for remotes that
 * need one, and a disk that is too full. A time that lies in the future, after the clock was set back, counts as now
 * (`dueSince`) or as never (`lastRunAt`): nothing waits for a year that the clock once showed.
 */
export function judge(input: JudgeInput): Verdict {
  const { when } = input;
  const now = input.clock.now();
  const findings = [quietFinding(input), gapFinding(input), ...machineFindings(input)];
  const reasons = findings.flatMap((finding) => reasonOf(finding, when.unknown));
  const assumed = when.unknown === "go" ? findings.flatMap(assumptionOf) : [];
  const firm = reasons.filter((reason) => reason.firm);
  const latestAt =
    when.maxDeferMs === undefined ? undefined : Math.min(input.dueSince, now) + when.maxDeferMs;
  const overdue = latestAt !== undefined && now >= latestAt;
  const standing = overdue ? firm : reasons;
  if (standing.length === 0) return { kind: "go", overdue: reasons.length > 0, despite: reasons, assumed };
  const end = firm.length > 0 ? undefined : latestAt;
  return {
    kind: "wait",
    reasons: standing,
    assumed,
    latestAt: end,
    recheckAt: Math.min(end ?? Infinity, recheckAt(standing, now)),
  };
}

/** All reasons must end, so the one that lasts longest counts. */
function recheckAt(reasons: readonly Reason[], now: number): number {
  return Math.max(...reasons.map((reason) => earliestEnd(reason, now)));
}

function earliestEnd({ condition, until }: Reason, now: number): number {
  const byTimeOnly = condition === "quiet_hours" || condition === "min_gap";
  if (byTimeOnly) return until ?? now + LONG_MS;
  return Math.max(until ?? 0, now + POLL_MS);
}

function reasonOf(finding: Finding, unknown: "go" | "wait"): readonly Reason[] {
  if (finding.kind === "unmet") return [finding.reason];
  if (finding.kind === "met" || unknown === "go") return [];
  const { condition, wanted, what, why } = finding;
  const measured = `${what} is unknown: ${why}`;
  return [
    { condition, wanted, measured, words: `wants ${wanted}, but ${measured}`, until: undefined, firm: false },
  ];
}

function assumptionOf(finding: Finding): readonly Assumption[] {
  if (finding.kind !== "unknown") return [];
  const { condition, wanted, what, why } = finding;
  return [
    {
      condition,
      words: `wants ${wanted}, but ${what} is unknown (${why}); goes on, since \`when.unknown\` is "go"`,
    },
  ];
}
