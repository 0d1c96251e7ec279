import { describe, expect, test } from "bun:test";

import { type AfterRun, decideAfterRun, type RunFailure } from "../../src/queue/decide-after-run.ts";

const NOW = Date.parse("2026-03-02T12:00:00Z");
const LATEST = (): number => 1 - Number.EPSILON;
const JOB: AfterRun["job"] = {
  cause: "schedule",
  attempts: 0,
  crashes: 0,
  host: "example.com",
  hostFailures: 0,
};

function failure(code: string, changes: Partial<RunFailure> = {}): RunFailure {
  return {
    kind: "failed",
    code,
    message: `it failed with ${code}`,
    retry: false,
    retryAfterMs: undefined,
    host: "example.com",
    ...changes,
  };
}

function decide(outcome: string, failures: readonly RunFailure[], job: Partial<AfterRun["job"]> = {}) {
  return decideAfterRun({
    job: { ...JOB, ...job },
    end: { kind: "ended", outcome, failures },
    now: NOW,
    random: LATEST,
  });
}

const UNREACHABLE = failure("NETWORK", { kind: "unreachable", retry: true });

describe("a run that ended", () => {
  test.each(["synced", "up-to-date", "conflict"])("as %s is done, and its host was reached", (outcome) => {
    expect(decide(outcome, [])).toEqual({
      kind: "finish",
      hosts: [{ kind: "reached", host: "example.com" }],
    });
  });

  test("as skipped is done and says nothing about the host", () => {
    expect(decide("skipped", [failure("REPOSITORY_BUSY", { kind: "unsafe", host: undefined })])).toEqual({
      kind: "finish",
      hosts: [],
    });
  });

  test.each([
    ["AUTH", "auth"],
    ["FORBIDDEN", "auth"],
    ["REPO_NOT_FOUND", "failed"],
    ["FOLDER_MISSING", "guard"],
    ["CHECKOUT_BLOCKED", "conflict"],
    ["INTERNAL", "failed"],
  ])("with %s waits for the next schedule: it does not pass by itself", (code, kind) => {
    expect(decide("failed", [failure(code, { kind })])).toEqual({ kind: "finish", hosts: [] });
  });
});

describe("what passes by itself", () => {
  test("is tried again with back-off, and a host that is not to be reached is held for as long", () => {
    expect(decide("failed", [UNREACHABLE])).toEqual({
      kind: "retry",
      at: NOW + 30_000,
      reason: "it failed with NETWORK",
      attempts: 1,
      crashes: 0,
      hosts: [
        {
          kind: "hold",
          host: "example.com",
          until: NOW + 30_000,
          reason: "it failed with NETWORK",
          unreachable: true,
        },
      ],
    });
  });

  test("waits longer each time, up to an hour, and never ends up parked", () => {
    expect(decide("failed", [UNREACHABLE], { attempts: 3 })).toMatchObject({ at: NOW + 240_000 });
    expect(decide("failed", [UNREACHABLE], { attempts: 1000 })).toMatchObject({
      kind: "retry",
      at: NOW + 3_600_000,
      attempts: 1001,
    });
  });

  test("counts what other sources have met at the same host", () => {
    expect(decide("failed", [UNREACHABLE], { hostFailures: 4 })).toMatchObject({ at: NOW + 480_000 });
  });

  test("comes again sooner when a person waits", () => {
    expect(decide("failed", [UNREACHABLE], { cause: "person" })).toMatchObject({ at: NOW + 5000 });
  });

  test("a server's own error holds nobody else up", () => {
    expect(decide("failed", [failure("REMOTE_ERROR", { retry: true })])).toMatchObject({
      kind: "retry",
      at: NOW + 30_000,
      hosts: [],
    });
  });

  test("a certificate that is not trusted may be a hotel's sign-in page", () => {
    expect(decide("failed", [failure("TLS", { kind: "unreachable" })])).toMatchObject({ kind: "retry" });
  });

  test("a full disk is tried again", () => {
    expect(decide("failed", [failure("ENOSPC", { host: undefined })])).toMatchObject({
      kind: "retry",
      hosts: [],
    });
  });

  test("another lull that syncs it is over in seconds", () => {
    const locked = failure("SOURCE_LOCKED", { kind: "locked", host: undefined });
    expect(decide("failed", [locked])).toMatchObject({ at: NOW + 5000 });
    expect(decide("failed", [locked], { attempts: 9 })).toMatchObject({ at: NOW + 60_000 });
  });
});

test("Retry-After is waited out to the millisecond, and is no failure of the host", () => {
  const limited = failure("RATE_LIMITED", { kind: "unreachable", retry: true, retryAfterMs: 90_000 });
  expect(decide("failed", [limited], { attempts: 5 })).toMatchObject({
    kind: "retry",
    at: NOW + 90_000,
    hosts: [{ kind: "hold", until: NOW + 90_000, unreachable: false }],
  });
});

test("one remote of several that is not to be reached: its host is held, the main one was reached", () => {
  const mirror = { ...UNREACHABLE, host: "mirror.example" };
  expect(decide("partial", [mirror])).toMatchObject({
    kind: "retry",
    at: NOW + 30_000,
    hosts: [
      { kind: "hold", host: "mirror.example" },
      { kind: "reached", host: "example.com" },
    ],
  });
});

describe("a worker that died", () => {
  const crash = (crashes: number) =>
    decideAfterRun({
      job: { ...JOB, attempts: crashes, crashes },
      end: { kind: "crashed", reason: "killed by SIGKILL" },
      now: NOW,
      random: LATEST,
    });

  test("is followed by another at once, then after a minute", () => {
    expect(crash(0)).toMatchObject({ kind: "retry", at: NOW, attempts: 1, crashes: 1 });
    expect(crash(1)).toMatchObject({ kind: "retry", at: NOW + 60_000, attempts: 2, crashes: 2 });
  });

  test("for the third time in a row parks the job with the reason", () => {
    expect(crash(2)).toEqual({
      kind: "park",
      reason: "its worker died 3 times in a row: killed by SIGKILL",
      hosts: [],
    });
  });

  test("does not count any more once a run could tell how it ended", () => {
    expect(decide("failed", [UNREACHABLE], { crashes: 2 })).toMatchObject({ crashes: 0 });
  });
});

test("a run that was stopped on purpose goes back as it was", () => {
  expect(
    decideAfterRun({
      job: { ...JOB, attempts: 2, crashes: 1 },
      end: { kind: "interrupted" },
      now: NOW,
      random: LATEST,
    }),
  ).toMatchObject({ kind: "retry", at: NOW, attempts: 2, crashes: 1, hosts: [] });
});
