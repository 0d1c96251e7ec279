import { expect, test } from "bun:test";

import { trackingName } from "../../src/sync/tracking-name.ts";
import { benchDevice, benchRemote } from "../helpers/sync-bench.ts";
import { git } from "../helpers/system-git.ts";

const remote = { name: "origin", url: "https://example.com/a.git" };

test("a remote keeps its name where the person's git has none or the same address of it", () => {
  expect(trackingName(remote, [])).toBe("origin");
  expect(trackingName(remote, [{ name: "origin", url: "https://ada:x@example.com/a/" }])).toBe("origin");
  expect(trackingName(remote, [{ name: "other", url: "https://example.com/b" }])).toBe("origin");
});

test("a name that stands for another address is left to the person's git", () => {
  expect(trackingName(remote, [{ name: "origin", url: "https://example.com/b" }])).toBe("lull-origin");
});

test("a sync does not prune what the person fetched from another remote of that name", async () => {
  const theirs = benchRemote();
  const ours = benchRemote();
  const laptop = benchDevice("laptop", ours);
  laptop.write("a.md", "one\n");
  git(laptop.directory, "remote", "add", "origin", theirs);
  git(laptop.directory, "commit", "-q", "--allow-empty", "-m", "theirs");
  git(laptop.directory, "push", "-q", "origin", "main:only-there");
  git(laptop.directory, "fetch", "-q", "origin");
  expect(await laptop.sync()).toMatchObject({ outcome: "synced", remotes: [{ name: "origin", sent: 2 }] });
  expect(git(laptop.directory, "for-each-ref", "--format=%(refname)", "refs/remotes").split("\n")).toEqual([
    "refs/remotes/lull-origin/main",
    "refs/remotes/origin/only-there",
  ]);
});
