import { expect, test } from "bun:test";
import { join } from "node:path";

import type { AuditEntry } from "../../src/store/audit-store.ts";
import { createStore } from "../../src/store/database.ts";
import { createAuditStore } from "../../src/store/sqlite-audit-store.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

test("changes come back newest first, by source and time, and old ones go in batches", () => {
  using store = createStore(join(temporaryDirectory(), "lull.db"));
  const audit = createAuditStore(store);
  const entry = (at: number, source: string | undefined): AuditEntry => ({
    at,
    origin: "cli",
    actor: "ada",
    action: "pause",
    source,
    detail: { until: null, words: ["a"] },
  });
  for (const [at, source] of [
    [1, "notes"],
    [2, undefined],
    [3, "notes"],
    [4, "dotfiles"],
  ] as const)
    audit.record(entry(at, source));
  const times = (filter: Parameters<typeof audit.list>[0]) => audit.list(filter).map(({ at }) => at);
  expect(audit.list({ limit: 1 })).toEqual([{ id: 4, ...entry(4, "dotfiles") }]);
  expect(times({ limit: 10 })).toEqual([4, 3, 2, 1]);
  expect(times({ source: "notes", limit: 10 })).toEqual([3, 1]);
  expect(times({ since: 2, limit: 10 })).toEqual([4, 3, 2]);
  expect(audit.prune({ before: 4, limit: 2 })).toBe(2);
  expect(times({ limit: 10 })).toEqual([4, 3]);
});
