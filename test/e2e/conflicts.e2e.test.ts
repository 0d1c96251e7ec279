/** Conflicts on the command line: what is open, on every device, and how it ends. */
import { expect, test } from "bun:test";
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { writeJournal } from "../../src/git/checkout/journal.ts";
import { expectConverged, makeDevice, type Device } from "../helpers/device.ts";
import { git, temporaryDirectory } from "../helpers/system-git.ts";

type Pair = { readonly laptop: Device; readonly desktop: Device; readonly remote: string };

/** The desktop has met a conflict in plan.md, and both devices have synced since. */
async function inConflict(strategy?: string): Promise<Pair> {
  const remote = join(temporaryDirectory(), "remote.git");
  git(temporaryDirectory(), "init", "--bare", remote);
  const [laptop, desktop] = [makeDevice("laptop"), makeDevice("desktop")];
  laptop.write("plan.md", "base\n");
  for (const device of [laptop, desktop]) {
    await device.lull(["add", "notes", "--remote", remote]);
    if (strategy !== undefined) await device.lull(["config", "set", "sources.notes.conflicts", strategy]);
    await device.lull(["sync"]);
  }
  laptop.write("plan.md", "laptop\n");
  desktop.write("plan.md", "desktop\n");
  await laptop.lull(["sync"]);
  await desktop.lull(["sync"], 5);
  await laptop.lull(["sync"]);
  return { laptop, desktop, remote };
}

function copyOf(device: Device): string {
  return readdirSync(device.notes).find((name) => name.startsWith("plan.conflict-")) ?? "none";
}

async function settle({ laptop, desktop, remote }: Pair, first: Device): Promise<void> {
  await first.lull(["sync"]);
  for (const device of [laptop, desktop]) await device.lull(["sync"]);
  expectConverged([laptop, desktop], [remote]);
  for (const device of [laptop, desktop])
    expect((await device.lull(["conflicts"])).stdout).toBe("No open conflicts.\n");
}

test("both devices see an open conflict, with where each version is", async () => {
  const { laptop, desktop } = await inConflict();
  for (const device of [laptop, desktop]) {
    const shown = await device.lull(["conflicts"], 5);
    expect(shown.stdout).toContain("plan.md in notes: content, met by desktop");
    expect(shown.stdout).toContain(`local   is beside it: ${copyOf(device)}`);
    expect(shown.stdout).toContain("remote  has the name: plan.md");
    const { code, json } = await device.json(["conflicts"]);
    expect(code).toBe(5);
    expect(json).toMatchObject({
      conflicts: [
        {
          source: "notes",
          path: "plan.md",
          device: "desktop",
          strategy: "keep-both",
          copy: copyOf(device),
          local: { where: "copy" },
          remote: { where: "path" },
        },
      ],
    });
  }
  expect((await desktop.lull(["status"])).stdout).toContain("1 open conflict");
  expect((await desktop.lull(["sync"])).stdout).toContain("up to date");
});

test.each([
  ["local", "desktop\n"],
  ["remote", "laptop\n"],
] as const)("--keep %s gives that version the name, everywhere", async (keep, content) => {
  const pair = await inConflict();
  const { laptop, desktop } = pair;
  const plan = await desktop.lull(["resolve", "plan.md", "--keep", keep, "--dry-run"]);
  expect(plan.stdout).toContain("Nothing was changed.");
  expect(existsSync(join(desktop.notes, copyOf(desktop)))).toBe(true);
  await desktop.lull(["resolve", "plan.md", "--keep", keep]);
  expect(desktop.read("plan.md")).toBe(content);
  expect(copyOf(desktop)).toBe("none");
  await settle(pair, desktop);
  expect(laptop.read("plan.md")).toBe(content);
  const { json } = await laptop.json(["conflicts", "--all"]);
  expect(json).toMatchObject({ conflicts: [{ resolution: `kept ${keep}` }] });
});

test("--keep both leaves two files and ends the conflict on all devices", async () => {
  const pair = await inConflict();
  const { laptop, desktop } = pair;
  await laptop.lull(["resolve", "plan.md", "--keep", "both"]);
  await settle(pair, laptop);
  expect([desktop.read("plan.md"), desktop.read(copyOf(desktop))]).toEqual(["laptop\n", "desktop\n"]);
});

test("--keep FILE takes what a person made of both; the copy may be named instead of the path", async () => {
  const pair = await inConflict();
  const { laptop, desktop } = pair;
  writeFileSync(join(laptop.home, "merged"), "both\n");
  await laptop.lull(["resolve", `notes/${copyOf(laptop)}`, "--keep", "merged"]);
  await settle(pair, laptop);
  expect(desktop.read("plan.md")).toBe("both\n");
  const missing = await laptop.lull(["resolve", "plan.md", "--keep", "merged"], 2);
  expect(missing.stderr).toContain("plan.md has no open conflict");
});

test("edits that are in no commit yet are committed before anything is replaced", async () => {
  const pair = await inConflict();
  const { desktop } = pair;
  desktop.write("plan.md", "laptop, edited\n");
  desktop.write("other.md", "not concerned\n");
  const done = await desktop.lull(["resolve", "plan.md", "--keep", "local"]);
  expect(done.stdout).toContain("committed first: your edits in 1 file");
  expect(git(desktop.notes, "show", "HEAD~1:plan.md")).toBe("laptop, edited");
  expect(git(desktop.notes, "status", "--porcelain")).toBe("?? other.md");
  await settle(pair, desktop);
});

test("with auto_commit: false such edits are refused, and nothing changes", async () => {
  const { desktop } = await inConflict();
  await desktop.lull(["config", "set", "sources.notes.auto_commit", "false"]);
  desktop.write("plan.md", "laptop, edited\n");
  const refused = await desktop.lull(["resolve", "plan.md", "--keep", "local"], 5);
  expect(refused.stderr).toContain("plan.md has edits that are in no commit");
  expect(desktop.read("plan.md")).toBe("laptop, edited\n");
});

test("deleting the copy by hand ends the conflict with the next sync", async () => {
  const pair = await inConflict();
  pair.laptop.remove(copyOf(pair.laptop));
  await settle(pair, pair.laptop);
});

test("manual: the path stays, the conflict is open everywhere until somebody decides", async () => {
  const pair = await inConflict("manual");
  const { laptop, desktop } = pair;
  expect([laptop.read("plan.md"), desktop.read("plan.md")]).toEqual(["desktop\n", "desktop\n"]);
  expect(copyOf(desktop)).toBe("none");
  expect((await laptop.lull(["conflicts"], 5)).stdout).toContain("remote  is in the history: commit");
  // Going on with the file decides nothing.
  desktop.write("plan.md", "desktop, later\n");
  await desktop.lull(["sync"]);
  await desktop.lull(["conflicts"], 5);
  await laptop.lull(["sync"]);
  await laptop.lull(["resolve", "plan.md", "--keep", "remote"]);
  await settle(pair, laptop);
  expect(desktop.read("plan.md")).toBe("laptop\n");
});

test.each(["local", "both"])("manual: --keep %s", async (keep) => {
  const pair = await inConflict("manual");
  await pair.laptop.lull(["resolve", "plan.md", "--keep", keep]);
  await settle(pair, pair.laptop);
  expect(pair.desktop.read("plan.md")).toBe("desktop\n");
  const copies = keep === "both" ? ["laptop\n"] : [];
  expect(
    readdirSync(pair.desktop.notes)
      .filter((name) => name.startsWith("plan.conflict-"))
      .map((name) => pair.desktop.read(name)),
  ).toEqual(copies);
});

test("what a rule settled is told, and needs nobody", async () => {
  const remote = join(temporaryDirectory(), "remote.git");
  git(temporaryDirectory(), "init", "--bare", remote);
  const [laptop, desktop] = [makeDevice("laptop"), makeDevice("desktop")];
  laptop.write("plan.md", "base\n");
  for (const device of [laptop, desktop]) {
    await device.lull(["add", "notes", "--remote", remote]);
    await device.lull(["config", "set", "sources.notes.conflicts", "theirs"]);
    await device.lull(["sync"]);
  }
  laptop.write("plan.md", "laptop\n");
  desktop.write("plan.md", "desktop\n");
  await laptop.lull(["sync"]);
  const met = await desktop.lull(["sync"]);
  expect(met.stdout).toContain("plan.md: content (theirs)");
  expect((await desktop.lull(["conflicts"])).stdout).toBe("No open conflicts.\n");
  const all = await desktop.lull(["conflicts", "--all"]);
  expect(all.stdout).toContain("resolved");
  expect(all.stdout).toContain("local   is in the history: commit");
});

test("without a path and without a terminal it says what to name", async () => {
  const { desktop } = await inConflict();
  expect((await desktop.lull(["resolve"], 2)).stderr).toContain("which of the open conflicts (1)?");
  expect((await desktop.lull(["resolve", "--keep", "local"], 2)).stderr).toContain("of which conflict?");
  expect((await desktop.lull(["resolve", "plan.md"], 2)).stderr).toContain("which version?");
  expect((await desktop.lull(["resolve", "plan.md", "--keep", "nothing"], 2)).stderr).toContain(
    "--keep nothing",
  );
});

test("a lost database is filled again from the history", async () => {
  const { desktop } = await inConflict();
  const files = readdirSync(desktop.stateDirectory).filter((name) => name.includes(".db"));
  expect(files).not.toEqual([]);
  for (const name of files) rmSync(join(desktop.stateDirectory, name));
  expect((await desktop.lull(["conflicts"], 5)).stdout).toContain("plan.md in notes");
});

test.each(["keep-both", "manual"])("%s: an undo takes a resolve back, on every device", async (strategy) => {
  const pair = await inConflict(strategy);
  const { laptop, desktop, remote } = pair;
  desktop.write("plan.md", "desktop, edited\n");
  const before = desktop.snapshot();
  await desktop.lull(["resolve", "plan.md", "--keep", "remote"]);
  expect((await desktop.lull(["savepoints"])).stdout).toContain("a resolve");
  await desktop.lull(["conflicts"]);
  const plan = await desktop.lull(["undo", "--dry-run"]);
  expect(plan.stdout).toContain("The conflict in plan.md would be open again");
  const undone = await desktop.lull(["undo"]);
  expect(undone.stdout).toContain("The conflict in plan.md is open again: lull conflicts notes");
  expect(desktop.snapshot()).toEqual(before);
  expect((await desktop.lull(["status"])).stdout).toContain("1 open conflict");
  await desktop.lull(["sync"]);
  await laptop.lull(["sync"]);
  expectConverged([laptop, desktop], [remote]);
  await laptop.lull(["conflicts"], 5);
  await desktop.lull(["undo"]);
  expect((await desktop.lull(["conflicts"])).stdout).toBe("No open conflicts.\n");
  await settle(pair, desktop);
});

test("an undo of the sync that brought a conflict and its end opens nothing", async () => {
  const remote = join(temporaryDirectory(), "remote.git");
  git(temporaryDirectory(), "init", "--bare", remote);
  const [laptop, desktop] = [makeDevice("laptop"), makeDevice("desktop")];
  laptop.write("plan.md", "base\n");
  for (const device of [laptop, desktop]) {
    await device.lull(["add", "notes", "--remote", remote]);
    await device.lull(["sync"]);
  }
  laptop.write("plan.md", "laptop\n");
  desktop.write("plan.md", "desktop\n");
  await laptop.lull(["sync"]);
  await desktop.lull(["sync"], 5);
  await desktop.lull(["resolve", "plan.md", "--keep", "local"]);
  await desktop.lull(["sync"]);
  await laptop.lull(["sync"]);
  const undone = await laptop.lull(["undo"]);
  expect(undone.stdout).not.toContain("open again");
  expect(laptop.read("plan.md")).toBe("laptop\n");
  await laptop.lull(["conflicts"]);
});

test("a copy that was deleted by hand can still be kept", async () => {
  const { laptop } = await inConflict();
  laptop.remove(copyOf(laptop));
  await laptop.lull(["resolve", "plan.md", "--keep", "local"]);
  expect(laptop.read("plan.md")).toBe("desktop\n");
});

test("a resolve that died right before its end is finished, not done again", async () => {
  const { laptop } = await inConflict();
  writeFileSync(join(laptop.notes, copyOf(laptop)), "desktop, later\n");
  await laptop.lull(["sync"]);
  await laptop.lull(["resolve", "plan.md", "--keep", "local"]);
  // As a kill leaves it: files and index stand, the branch does not, and nothing is noted down.
  const [from, complete] = ["HEAD~1", "HEAD"].map((revision) => git(laptop.notes, "rev-parse", revision));
  const tree = git(laptop.notes, "rev-parse", "HEAD^{tree}");
  git(laptop.notes, "update-ref", "refs/heads/main", from ?? "");
  const journal = { branch: "refs/heads/main", from: from ?? null, trees: [tree], complete: complete ?? "" };
  writeJournal(join(laptop.notes, ".git"), journal);
  for (const name of readdirSync(laptop.stateDirectory).filter((file) => file.includes(".db")))
    rmSync(join(laptop.stateDirectory, name));
  const again = await laptop.lull(["resolve", "plan.md", "--keep", "local"], 2);
  expect(again.stderr).toContain("plan.md has no open conflict");
  expect(git(laptop.notes, "rev-parse", "HEAD")).toBe(complete ?? "");
  expect(laptop.read("plan.md")).toBe("desktop, later\n");
});

test("a resolve that left both files as they are can be taken back, too", async () => {
  const { desktop } = await inConflict();
  const before = desktop.snapshot();
  await desktop.lull(["resolve", "plan.md", "--keep", "both"]);
  await desktop.lull(["conflicts"]);
  await desktop.lull(["undo"]);
  expect(desktop.snapshot()).toEqual(before);
  await desktop.lull(["conflicts"], 5);
});

/** Sets the merge tool of the person's own git. */
function useTool(device: Device, command: string): void {
  const config = join(device.home, ".gitconfig");
  git(device.home, "config", "--file", config, "merge.tool", "mine");
  git(device.home, "config", "--file", config, "mergetool.mine.cmd", command);
}

test("--tool has the person's own tool merge the three versions", async () => {
  const pair = await inConflict();
  const { laptop, desktop } = pair;
  useTool(laptop, 'cat "$BASE" "$LOCAL" "$REMOTE" > "$MERGED"');
  await laptop.lull(["resolve", "plan.md", "--tool", "auto"]);
  await settle(pair, laptop);
  expect(desktop.read("plan.md")).toBe("base\ndesktop\nlaptop\n");
});

test("a tool that fails, changes nothing or is not there decides nothing", async () => {
  const { laptop } = await inConflict();
  for (const command of ['echo half > "$MERGED"; exit 1', "true"]) {
    useTool(laptop, command);
    const refused = await laptop.lull(["resolve", "plan.md", "--tool", "auto"], 5);
    expect(refused.stderr).toContain("ended without a result for plan.md");
  }
  expect((await laptop.lull(["resolve", "plan.md", "--tool", "nosuch"], 2)).stderr).toContain(
    'there is no merge tool "nosuch"',
  );
  expect((await laptop.lull(["resolve", "plan.md", "--tool", "x", "--keep", "local"], 2)).stderr).toContain(
    "contradict",
  );
  expect(laptop.read("plan.md")).toBe("laptop\n");
  await laptop.lull(["conflicts"], 5);
});

test("the config of a synced repository can not name a program", async () => {
  const { laptop } = await inConflict();
  git(laptop.notes, "config", "merge.tool", "evil");
  git(laptop.notes, "config", "mergetool.evil.cmd", 'echo evil > "$MERGED"');
  for (const tool of ["auto", "evil"])
    expect((await laptop.lull(["resolve", "plan.md", "--tool", tool], 2)).stderr).toMatch(/no merge tool/);
  expect(laptop.read("plan.md")).toBe("laptop\n");
});
