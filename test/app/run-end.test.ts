import { expect, test } from "bun:test";

import { hostOf, runEndOf } from "../../src/app/run-end.ts";
import type { RemoteResult, RunError, SyncRun } from "../../src/sync/outcome.ts";

const error: RunError = {
  kind: "unreachable",
  code: "RATE_LIMITED",
  message: "too many requests",
  hint: undefined,
  causes: [],
  data: { retryAfterMs: 30_000 },
  retry: true,
};
const remote: RemoteResult = {
  name: "origin",
  url: "https://h.example:8443/n.git",
  received: 0,
  sent: 0,
  bytesReceived: 0,
  bytesSent: 0,
  moved: false,
  error: undefined,
};

function run(changes: Partial<SyncRun>): SyncRun {
  return {
    source: "notes",
    outcome: "synced",
    startedAt: 0,
    durationMs: 1,
    dryRun: false,
    branch: "main",
    tip: undefined,
    savepoint: undefined,
    committed: undefined,
    remotes: [remote],
    filesWritten: 0,
    filesRemoved: 0,
    conflicts: [],
    skippedPaths: [],
    reason: undefined,
    error: undefined,
    steps: [],
    ...changes,
  };
}

test("a run that went well has no failures", () => {
  expect(runEndOf(run({}))).toEqual({ kind: "ended", outcome: "synced", failures: [] });
});

test("each failed remote is told with its host and its wait, and not once more as the run's own error", () => {
  expect(runEndOf(run({ outcome: "failed", error, remotes: [{ ...remote, error }] }))).toEqual({
    kind: "ended",
    outcome: "failed",
    failures: [
      {
        kind: "unreachable",
        code: "RATE_LIMITED",
        message: "too many requests",
        retry: true,
        retryAfterMs: 30_000,
        host: "h.example:8443",
      },
    ],
  });
});

test("an error before any remote was asked is no host's fault", () => {
  const locked: RunError = { ...error, kind: "locked", code: "SOURCE_LOCKED", data: {} };
  expect(runEndOf(run({ outcome: "failed", error: locked, remotes: [] }))).toMatchObject({
    failures: [{ code: "SOURCE_LOCKED", host: undefined, retryAfterMs: undefined }],
  });
});

test("a run that was stopped on purpose is neither", () => {
  expect(runEndOf(run({ outcome: "failed", error: { ...error, kind: "interrupted" } }))).toEqual({
    kind: "interrupted",
  });
});

test.each([
  ["https://ada:secret@h.example/n.git", "h.example"],
  ["git@h.example:me/n.git", "h.example"],
  ["ssh://git@h.example:2222/n.git", "h.example:2222"],
  ["/srv/n.git", undefined],
  ["not a remote", undefined],
])("the host of %s is %p", (url, host) => {
  expect(hostOf(url)).toBe(host as never);
});
