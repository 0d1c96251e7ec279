/** Maintenance and the person's own git: what git has plans with stays, and both may work at once. */
import { describe, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

import { createGit } from "../../../src/git/create-git.ts";
import { fakeClock } from "../../helpers/fake-clock.ts";
import { fsck, git, gitEnvironment } from "../../helpers/system-git.ts";
import { everyObject, looseHistory, maintain, maintained, packs } from "./repositories.ts";

/** One pack by git, and new loose objects beside it. */
function packedAndLoose(pack: readonly (readonly string[])[]): {
  readonly directory: string;
  readonly first: string;
} {
  const directory = looseHistory({ files: 5, commits: 10 });
  for (const command of pack) git(directory, ...command);
  const first = packs(directory).find((name) => existsSync(join(directory, ".git/objects/pack", name))) ?? "";
  for (let file = 0; file < 280; file++) writeFileSync(join(directory, `new-${file}`), `new ${file}\n`);
  git(directory, "add", "--all");
  git(directory, "commit", "-q", "-m", "new");
  return { directory, first };
}

describe("a pack stays as it is", () => {
  const marks: Readonly<Record<string, readonly (readonly string[])[]>> = {
    "with a bitmap": [["repack", "-q", "-a", "-d", "-b"]],
    "that the multi-pack-index names": [
      ["repack", "-q", "-a", "-d"],
      ["multi-pack-index", "write"],
    ],
  };
  for (const [name, commands] of Object.entries(marks)) {
    test(name, async () => {
      const { directory, first } = packedAndLoose(commands);
      const before = everyObject(directory);
      const result = await maintained(directory);
      expect(packs(directory)).toContain(first);
      expect(result.after).toMatchObject({ packs: 2, loose: 0 });
      expect(result.left.join()).toContain(first.slice(0, -5));
      expect(everyObject(directory)).toEqual(before);
      fsck(directory);
    });
  }

  test("with a .keep file", async () => {
    const { directory, first } = packedAndLoose([["repack", "-q", "-a", "-d"]]);
    writeFileSync(join(directory, ".git/objects/pack", first.replace(/pack$/, "keep")), "");
    await maintained(directory);
    expect(packs(directory)).toContain(first);
    fsck(directory);
  });

  test("that is a cruft pack", async () => {
    const { directory } = packedAndLoose([
      ["reset", "-q", "--hard", "HEAD~5"],
      ["reflog", "expire", "--expire=now", "--all"],
      ["update-ref", "-d", "ORIG_HEAD"],
      ["repack", "-q", "--cruft", "-d"],
    ]);
    const cruft =
      readdirSync(join(directory, ".git/objects/pack")).find((name) => name.endsWith(".mtimes")) ?? "";
    expect(cruft).not.toBe("");
    const before = everyObject(directory);
    await maintained(directory);
    expect(packs(directory)).toContain(cruft.replace(/mtimes$/, "pack"));
    expect(everyObject(directory)).toEqual(before);
    fsck(directory);
  });
});

describe("git's gc.pid", () => {
  test("of a process that lives keeps maintenance away; one of a dead process does not", async () => {
    const directory = looseHistory({ commits: 100 });
    const note = join(directory, ".git/gc.pid");
    writeFileSync(note, `${process.pid} ${hostname()}`);
    expect(await maintain(directory)).toMatchObject({ kind: "skipped" });
    writeFileSync(note, "1 another-machine");
    expect(await maintain(directory)).toMatchObject({ kind: "skipped" });
    expect(packs(directory)).toEqual([]);
    writeFileSync(note, `${2 ** 22 + 1} ${hostname()}`);
    expect((await maintained(directory)).objectsPacked).toBeGreaterThan(0);
    expect(existsSync(note)).toBe(false);
  });

  test("of another machine counts for twelve hours, as in git", async () => {
    const directory = looseHistory({ commits: 100 });
    writeFileSync(join(directory, ".git/gc.pid"), "1 another-machine");
    const clock = fakeClock(Date.now() + 13 * 60 * 60 * 1000);
    expect((await maintained(directory, { clock })).objectsPacked).toBeGreaterThan(0);
  });

  test("as lull writes it keeps git gc away", async () => {
    // Large enough that maintenance lets others have their turn.
    const directory = looseHistory({ files: 300, commits: 300 });
    const seen: string[] = [];
    const repository = createGit({ clock: fakeClock(Date.now()), environment: {}, windows: false }).open(
      directory,
    );
    await repository.maintain({
      dryRun: false,
      savepointsMs: Number.POSITIVE_INFINITY,
      signal: new AbortController().signal,
      onProgress: () => {
        if (seen.length === 0)
          seen.push(readFileSync(join(directory, ".git/gc.pid"), "latin1"), gcError(directory));
      },
    });
    expect(seen).toEqual([`${process.pid} ${hostname()}`, expect.stringContaining("gc is already running")]);
    repository.close();
  });
});

test("git repacks and prunes while lull does: nothing reachable is lost", async () => {
  const directory = looseHistory({ files: 30, commits: 200 });
  const objects = git(directory, "rev-list", "--all", "--objects");
  for (const args of [
    ["repack", "-q", "-a", "-d"],
    ["gc", "-q", "--prune=now"],
    ["prune", "--expire=now"],
    ["repack", "-q", "-A", "-d"],
    ["prune-packed", "-q"],
  ]) {
    scatter(directory);
    const [, outcome] = await Promise.all([
      run(directory, args),
      maintain(directory).catch((error: unknown) => error),
    ]);
    // One of them may find that the other was quicker, and give up.
    expect(["done", "skipped", "OBJECT_MISSING", "OBJECT_CORRUPT"]).toContain(outcomeOf(outcome));
    expect(git(directory, "rev-list", "--all", "--objects")).toBe(objects);
    fsck(directory);
  }
}, 120_000);

test("a reader that has the old packs open goes on", async () => {
  const { directory } = packedAndLoose([["repack", "-q", "-a", "-d"]]);
  const reader = createGit({ clock: fakeClock(Date.now()), environment: {}, windows: false }).open(directory);
  const head = git(directory, "rev-parse", "HEAD~3");
  const blobs = git(directory, "ls-tree", "-r", "--format=%(objectname)", head).split("\n");
  const [first = ""] = blobs;
  reader.readBlob(first);
  await maintained(directory);
  for (const oid of [
    ...blobs,
    ...git(directory, "ls-tree", "-r", "--format=%(objectname)", "HEAD").split("\n"),
  ])
    expect(reader.readBlob(oid).length).toBeGreaterThan(0);
  reader.close();
});

/** Puts every object of the packs into a file of its own again. */
function scatter(directory: string): void {
  for (const name of packs(directory)) {
    const base = join(directory, ".git/objects/pack", name.replace(/\.pack$/, ""));
    const bytes = readFileSync(`${base}.pack`);
    for (const file of readdirSync(join(directory, ".git/objects/pack")).filter((other) =>
      other.startsWith(name.slice(0, -5)),
    ))
      Bun.spawnSync(["rm", "-f", join(directory, ".git/objects/pack", file)]);
    Bun.spawnSync(["git", "unpack-objects", "-q"], { cwd: directory, stdin: bytes, env: gitEnvironment() });
  }
}

function run(directory: string, args: readonly string[]): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  spawn("git", args, { cwd: directory, env: gitEnvironment(), stdio: "ignore" }).on("exit", () => resolve());
  return promise;
}

function gcError(directory: string): string {
  return Bun.spawnSync(["git", "gc"], { cwd: directory, env: gitEnvironment() }).stderr.toString();
}

function outcomeOf(outcome: unknown): string {
  const { kind, code } = outcome as { readonly kind: string; readonly code?: string };
  return code ?? kind;
}
