import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { auditedValue } from "../../src/app/audited-value.ts";
import { setConfigValue } from "../../src/app/config-file.ts";
import { getAudit } from "../../src/app/get-audit.ts";
import { initLull } from "../../src/app/init-lull.ts";
import { maintainSources } from "../../src/app/maintain-sources.ts";
import { removeSource } from "../../src/app/remove-source.ts";
import { syncSources } from "../../src/app/sync-sources.ts";
import { LullError } from "../../src/base/errors.ts";
import { composed } from "../helpers/composed.ts";
import { failureOf } from "../helpers/thrown.ts";
import { withSources } from "../helpers/with-sources.ts";

test("every change by a person is on record, and what changed nothing is not", async () => {
  const { deps, context, home } = await withSources("notes");
  await setConfigValue(deps, { path: "device", value: "study", dryRun: true });
  await setConfigValue(deps, { path: "device", value: "study", dryRun: false });
  await setConfigValue(deps, { path: "sources.notes.message", value: "Notes", dryRun: false });
  await syncSources(deps, { names: [], dryRun: false }, context);
  await maintainSources(deps, { names: [], dryRun: false }, context);
  await removeSource(deps, { name: "notes", dryRun: true });
  await removeSource(deps, { name: "notes", dryRun: false });
  const entries = await getAudit(deps, { name: undefined, limit: 20 });
  expect(entries.map(({ action, source }) => [action, source])).toEqual([
    ["remove", "notes"],
    ["config set", "notes"],
    ["config set", undefined],
    ["add", "notes"],
  ]);
  expect(entries[2]).toMatchObject({
    origin: "cli",
    actor: deps.userName,
    detail: { path: "device", before: "laptop", after: "study" },
  });
  expect(entries[3]?.detail).toMatchObject({ directory: join(home, "notes") });
  expect((await getAudit(deps, { name: "notes", limit: 20 })).length).toBe(3);
  expect(await failureOf(getAudit(deps, { name: "nots", limit: 20 }))).toMatchObject({
    code: "UNKNOWN_SOURCE",
  });
});

test("the first set-up is on record", async () => {
  const { deps, context } = composed();
  await initLull(deps, { device: undefined, source: undefined, dryRun: false }, context);
  await initLull(deps, { device: undefined, source: undefined, dryRun: false }, context);
  expect(await getAudit(deps, { name: undefined, limit: 5 })).toMatchObject([
    { action: "init", detail: { device: "laptop" } },
  ]);
});

test("no secret gets into it", async () => {
  const { deps } = await withSources("notes");
  const remote = "https://ada:canary-1@h.example/n.git?token=canary-2";
  await setConfigValue(deps, { path: "sources.notes.remote", value: remote, dryRun: false });
  const hook = "https://hooks.slack.com/services/canary-3";
  await setConfigValue(deps, { path: "notify.heartbeat", value: hook, dryRun: false });
  await removeSource(deps, { name: "notes", dryRun: false });
  const text = JSON.stringify(await getAudit(deps, { name: undefined, limit: 20 }));
  expect(text).not.toContain("canary");
  expect(text).toContain("https://h.example/n.git");
  expect(text).toContain("https://hooks.slack.com/***");
});

test("values are kept without what may be a secret, at any depth", () => {
  expect(auditedValue("notify.webhooks", [{ url: "https://x.example/a/b", format: "slack" }])).toEqual([
    { url: "https://x.example/***", format: "slack" },
  ]);
  expect(auditedValue("notify.email", { host: "h", password_file: "~/p", port: 587 })).toEqual({
    host: "h",
    password_file: "***",
    port: 587,
  });
  expect(auditedValue("device", undefined)).toBeNull();
  expect(auditedValue("daemon.concurrency", 3)).toBe(3);
});

test("a change stands although it can not be noted down", async () => {
  const place = await withSources("notes");
  const warnings: string[] = [];
  const broken = (): never => {
    throw new LullError({ kind: "failed", code: "ENOSPC", message: "the disk is full" });
  };
  const deps = {
    ...place.deps,
    audit: { ...place.deps.audit, record: broken },
    log: { ...place.deps.log, warn: (message: string) => void warnings.push(message) },
  };
  writeFileSync(join(place.home, "notes", "b.md"), "b\n");
  await setConfigValue(deps, { path: "device", value: "study", dryRun: false });
  expect(await deps.config.get("device")).toBe("study");
  expect(warnings).toEqual(["the disk is full"]);
});
