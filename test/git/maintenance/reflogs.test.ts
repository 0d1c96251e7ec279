import { describe, expect, test } from "bun:test";
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { parseExpiry } from "../../../src/git/maintenance/expiry.ts";
import { type Random, seededRandom } from "../../helpers/random.ts";
import { git, temporaryDirectory } from "../../helpers/system-git.ts";
import { looseHistory, maintained } from "./repositories.ts";

const DAY = 24 * 60 * 60;

/** A repository whose logs of HEAD, main, side and the stash hold lines of every age, reachable and not. */
function withLogs(random: Random): string {
  const directory = looseHistory({ files: 3, commits: 20, start: 1_600_000_000 });
  const known = git(directory, "rev-list", "main").split("\n");
  const lost = Array.from({ length: 6 }, (_, at) =>
    git(
      directory,
      "commit-tree",
      "-m",
      `lost ${at}`,
      "-p",
      random.pick(known),
      `${random.pick(known)}^{tree}`,
    ),
  );
  git(directory, "branch", "side", known[10] ?? "");
  git(directory, "update-ref", "--create-reflog", "refs/stash", lost[0] ?? "");
  if (random.chance(0.5))
    git(directory, "worktree", "add", "-q", "--detach", join(temporaryDirectory(), "linked"), "side");
  for (const log of [
    "HEAD",
    "refs/heads/main",
    "refs/heads/side",
    "refs/stash",
    "../worktrees/linked/logs/HEAD",
  ]) {
    const path = join(directory, ".git/logs", log);
    if (!existsSync(path)) continue;
    writeFileSync(path, randomLog(random, [...known, ...lost, "0".repeat(40), "1".repeat(40)]));
  }
  return directory;
}

function randomLog(random: Random, names: readonly string[]): string {
  const now = Math.floor(Date.now() / 1000);
  let before = random.pick(names);
  const lines = Array.from({ length: 30 }, (_, at) => {
    const next = random.pick(names);
    // Not on the very second at which git and lull could disagree by when each was asked.
    const time = now - (130 - at * 4) * DAY - random.below(DAY / 2) - 600;
    const line = `${before} ${next} Ada <ada@example.com> ${time} +0100${random.chance(0.9) ? `\tmove ${at}` : ""}\n`;
    before = next;
    return line;
  });
  return lines.join("");
}

const CONFIGS: readonly (readonly (readonly [string, string])[])[] = [
  [],
  [["gc.reflogExpire", "50 days"]],
  [["gc.reflogExpire", "never"]],
  [["gc.reflogExpireUnreachable", "never"]],
  [["gc.reflogExpireUnreachable", "now"]],
  [
    ["gc.reflogExpire", "3.weeks.ago"],
    ["gc.reflogExpireUnreachable", "2.weeks.ago"],
  ],
  [
    ["gc.refs/heads/s*.reflogExpire", "20 days"],
    ["gc.refs/heads/s*.reflogExpireUnreachable", "10 days"],
  ],
  [["gc.refs/stash.reflogExpire", "20 days"]],
];

test("reflogs keep the lines that git reflog expire keeps", async () => {
  const seed = Number(process.env["LULL_TEST_SEED"] ?? 4711);
  console.log(`reflogs: LULL_TEST_SEED=${seed}`);
  let expired = 0;
  for (const [at, config] of [...CONFIGS, ...CONFIGS].entries()) {
    const directory = withLogs(seededRandom(seed + at));
    for (const [key, value] of config) git(directory, "config", key, value);
    const copy = join(temporaryDirectory(), "copy");
    cpSync(directory, copy, { recursive: true });
    git(copy, "reflog", "expire", "--all");
    expired += (await maintained(directory)).reflogEntriesExpired;
    for (const log of [
      "logs/HEAD",
      "logs/refs/heads/main",
      "logs/refs/heads/side",
      "logs/refs/stash",
      "worktrees/linked/logs/HEAD",
    ]) {
      const path = join(directory, ".git", log);
      if (!existsSync(path)) continue;
      try {
        expect(linesOf(path)).toEqual(linesOf(join(copy, ".git", log)));
      } catch (error) {
        throw new Error(`seed ${seed}, case ${at}, ${log}, ${JSON.stringify(config)}`, { cause: error });
      }
    }
    rmSync(directory, { recursive: true });
  }
  expect(expired).toBeGreaterThan(100);
}, 60_000);

/** Git ends a line without a message in a tab when it writes the log anew. */
function linesOf(path: string): string[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .map((line) => line.trimEnd());
}

test("a log whose ref is locked stays, and says so", async () => {
  const directory = withLogs(seededRandom(1));
  writeFileSync(join(directory, ".git/refs/heads/side.lock"), "");
  const before = readFileSync(join(directory, ".git/logs/refs/heads/side"), "utf8");
  const result = await maintained(directory);
  expect(readFileSync(join(directory, ".git/logs/refs/heads/side"), "utf8")).toBe(before);
  expect(result.left.join()).toContain("the reflog of refs/heads/side");
});

test("what is no line of a reflog is kept", async () => {
  const directory = withLogs(seededRandom(2));
  const path = join(directory, ".git/logs/refs/heads/side");
  writeFileSync(path, `${readFileSync(path, "utf8")}something else\n`);
  await maintained(directory);
  expect(readFileSync(path, "utf8")).toEndWith("something else\n");
});

describe("an expiry", () => {
  const now = 1_700_000_000;
  test("is read in git's common spellings", () => {
    for (const text of ["90 days", "90.days", "90.days.ago", "90 days ago"])
      expect(parseExpiry(text, now)).toBe(now - 90 * DAY);
    expect(parseExpiry("2.weeks.ago", now)).toBe(now - 14 * DAY);
    expect(parseExpiry("now", now)).toBe(Number.POSITIVE_INFINITY);
  });

  test("that says never, or is not understood, keeps everything", () => {
    for (const text of ["never", "false", "", "yesterday noon", "90"]) expect(parseExpiry(text, now)).toBe(0);
  });
});
