/** Finished runs as the notices see them. */
import type { RunReport } from "../../src/notify/notify.ts";
import type { RemoteResult, RunConflict, RunError } from "../../src/sync/outcome.ts";

export function runOf(outcome: RunReport["outcome"], changes: Partial<RunReport> = {}): RunReport {
  return {
    source: "notes",
    outcome,
    committed: undefined,
    remotes: [remote()],
    conflicts: [],
    reason: undefined,
    error: undefined,
    ...changes,
  };
}

export function remote(changes: Partial<RemoteResult> = {}): RemoteResult {
  return {
    name: "origin",
    url: "https://git.example.org/me/notes.git",
    received: 0,
    sent: 0,
    bytesReceived: 0,
    bytesSent: 0,
    moved: false,
    error: undefined,
    ...changes,
  };
}

export function runError(changes: Partial<RunError> = {}): RunError {
  return {
    kind: "failed",
    code: "REPO_NOT_FOUND",
    message: "the repository is not there",
    hint: "correct the address",
    causes: [],
    data: {},
    retry: false,
    ...changes,
  };
}

/** As `sync` ends when every remote answered so. */
export function failedRun(error: Partial<RunError> = {}, changes: Partial<RunReport> = {}): RunReport {
  const full = runError(error);
  return runOf("failed", { error: full, remotes: [remote({ error: full })], ...changes });
}

export const UNREACHABLE = {
  kind: "unreachable",
  code: "NETWORK",
  message: "no answer",
  retry: true,
} as const;

export function conflictRun(conflicts: readonly Partial<RunConflict>[]): RunReport {
  return runOf("conflict", {
    conflicts: conflicts.map((conflict) => ({
      path: "plan.md",
      reason: "both sides changed it",
      kept: "both",
      copy: "plan.conflict-laptop-20260301-140512.md",
      strategy: "keep-both",
      open: true,
      commit: "c".repeat(40),
      ...conflict,
    })),
  });
}
