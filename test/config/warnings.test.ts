/** What is valid but should not pass without a word. */
import { expect, test } from "bun:test";

import { load } from "./problem-of.ts";

test("a setting that this version does not act on is named, with what to do instead", () => {
  const { warnings } = load(`defaults: { when: { idle: 5m }, conflicts: { "*.md": union } }
sources:
  notes:
    repo: ~/notes
    schedule: every 2h
    watch: true
    branches: [main]
    direction: push
    auto_commit: false
    sync_deletions: false
    squash: true
    hooks: true
    conflicts: newest
  code: { discover: ~/code, watch: true }

notify: { level: all }
daemon: { concurrency: 2, bandwidth: { upload: 1MB/s } }
transport: { ssh: system }
`);
  expect(warnings.map((warning) => /`([^`]+)`/.exec(warning)?.[1])).toEqual([
    "sources.notes.hooks",
    "sources.code",
  ]);
  expect(warnings[0]).toBe(
    "`sources.notes.hooks` is accepted; this version of lull does not act on it yet: no hooks are run",
  );
  expect(warnings[1]).toBe(
    "`sources.code` is of the kind discover, which this version of lull does not sync yet",
  );
});

test("what asks for what happens anyway needs no word", () => {
  const { warnings } = load(`defaults: { when: , conflicts: keep-both }
sources:
  notes:
    repo: ~/notes
    enabled: false
    message: "{date}"
    schedule: manual
    watch: false
    when: {}
    branches: []
    direction: both
    auto_commit: true
    sync_deletions: true
    squash: false
    hooks: false
    conflicts: { "*.md": keep-both }
notify: {}
daemon:
`);
  expect(warnings).toEqual([]);
});

test("a password or token in a URL is named without being shown", () => {
  const { warnings } = load(`sources:
  a: { repo: /a, remote: "https://ada:hunter2@h/x" }
  b: { repo: /b, remotes: { hub: "https://ghp_hunter2@h/x", ok: "https://ada@h/x" } }
`);
  expect(warnings).toEqual([
    'the remote "origin" of "a" holds a password in clear text; store it with `lull auth login` and take it out of the URL',
    'the remote "hub" of "b" holds a token in clear text; store it with `lull auth login` and take it out of the URL',
  ]);
});
