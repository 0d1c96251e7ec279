import { expect, test } from "bun:test";

import { emptyRun } from "../../src/app/history.ts";
import type { StoryEvent } from "../../src/app/story.ts";
import { createOutput } from "../../src/cli/output.ts";
import { createStoryTeller, type StoryTellerOptions } from "../../src/cli/story-teller.ts";
import { fakeClock } from "../helpers/fake-clock.ts";
import { fakeIo } from "./fake-io.ts";

const NOW = Date.parse("2026-03-02T12:00:00Z");
const DAY = 24 * 3_600_000;

function telling(changes: Partial<StoryTellerOptions> = {}) {
  const io = fakeIo({ isTty: true, width: 80, env: { LANG: "C.UTF-8", NO_COLOR: "1" } });
  const clock = fakeClock("2026-03-02T12:00:00Z");
  const out = createOutput(io, { json: false, quiet: false, color: undefined }, clock);
  const look = () => ({
    style: out.style,
    symbols: out.symbols,
    clock,
    width: out.width,
    home: "/home/me",
  });
  const options = { verbose: false, onlyProblems: false, names: ["notes"], today: NOW, withOutlook: false };
  return { io, tell: createStoryTeller(out, look, { ...options, ...changes }) };
}

function failure(at: number, message: string): StoryEvent {
  const error = {
    kind: "unreachable",
    code: "NETWORK",
    message,
    hint: "check the URL",
    causes: [],
    data: {},
    retry: true,
  } as const;
  return {
    at,
    kind: "end",
    run: { ...emptyRun({ source: "notes", startedAt: at, dryRun: false }), outcome: "failed", error },
  };
}

test("a failure is told in full once, and again after a good run or for other words", () => {
  const { io, tell } = telling();
  tell(failure(NOW, "no answer"));
  tell(failure(NOW, "no answer"));
  tell(failure(NOW, "refused"));
  const good = emptyRun({ source: "notes", startedAt: NOW, dryRun: false });
  tell({ at: NOW, kind: "end", run: { ...good, outcome: "up-to-date" } });
  tell(failure(NOW, "refused"));
  expect(io.out()).toBe(
    [
      "12:00:00  notes  ✗ no answer",
      "                   Hint: check the URL",
      "12:00:00  notes  ✗ as before: no answer",
      "12:00:00  notes  ✗ refused",
      "                   Hint: check the URL",
      "12:00:00  notes  · up to date",
      "12:00:00  notes  ✗ refused",
      "                   Hint: check the URL",
      "",
    ].join("\n"),
  );
});

test("a new day is told, today is not", () => {
  const { io, tell } = telling();
  for (const at of [NOW, NOW + DAY, NOW + DAY]) tell({ at, kind: "resumed", source: "notes" });
  expect(io.out()).toBe(
    [
      "12:00:00  notes  ✓ the pause has ended",
      "Tue 2026-03-03",
      "12:00:00  notes  ✓ the pause has ended",
      "12:00:00  notes  ✓ the pause has ended",
      "",
    ].join("\n"),
  );
  const log = telling({ today: undefined });
  log.tell({ at: NOW, kind: "resumed", source: "notes" });
  expect(log.io.out()).toStartWith("Mon 2026-03-02\n");
});

test("the last line of the terminal is the outlook, and how far a sync has come", () => {
  const { io, tell } = telling({ withOutlook: true });
  tell({ at: NOW, kind: "begin", source: "notes", cause: "person", dueSince: NOW });
  tell({ at: NOW, kind: "resumed", source: "work" });
  expect(io.err()).toBe("\r\u001B[2Ksyncing notes\r\u001B[2K\r\u001B[2Ksyncing notes");
  expect(io.out()).toBe("12:00:00  notes  → syncs, as asked\n12:00:00  work   ✓ the pause has ended\n");
});
