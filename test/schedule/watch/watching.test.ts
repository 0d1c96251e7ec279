/** The whole watch as the daemon gets it, over real repositories, with system git as the person. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { systemTimers, type Timers } from "../../../src/base/timers.ts";
import { composeWatching } from "../../../src/compose/watching.ts";
import { currentSystem } from "../../../src/platform/system.ts";
import type { SourceWatch, Watching, WatchEvent } from "../../../src/schedule/watch/watch.ts";
import { cannotRun } from "../../helpers/skip.ts";
import { git, gitEnvironment, temporaryDirectory } from "../../helpers/system-git.ts";
import { type EventSignal, eventSignal } from "../../helpers/watched-tree.ts";

const QUIET_MS = 50;

/** What is done now and then is done soon. */
const hastyTimers: Timers = {
  after: (ms, run) => systemTimers.after(Math.min(ms, 250), run),
};

let watching: Watching;
let directory: string;
let watch: SourceWatch;
let events: WatchEvent[];
let signal: EventSignal;

beforeEach(async () => {
  watching = composeWatching({ env: gitEnvironment(), timers: hastyTimers });
  directory = join(temporaryDirectory(), "notes");
  events = [];
  signal = eventSignal();
  makeRepository();
});

afterEach(() => {
  watch[Symbol.dispose]();
  watching[Symbol.dispose]();
});

function makeRepository(): void {
  mkdirSync(join(directory, "node_modules/x"), { recursive: true });
  mkdirSync(join(directory, "texts"), { recursive: true });
  writeFileSync(join(directory, ".gitignore"), "node_modules/\n*.tmp\n");
  writeFileSync(join(directory, "texts/a.md"), "1\n");
  git(directory, "init", "-q", "-b", "main");
  git(directory, "add", ".");
  git(directory, "commit", "-q", "-m", "first");
}

async function start(): Promise<void> {
  watch = watching.watch(
    { directory, quietMs: QUIET_MS, maxWaitMs: 60_000 },
    {
      emit: (event) => {
        events.push(event);
        signal.ring();
      },
    },
  );
  await watch.ready;
  expect(watch.state).toMatchObject({ kind: "events" });
  // From now on there are hints.
  watch.startRun();
  watch.endRun({ complete: true });
}

const until = (isMet: () => boolean): Promise<void> => signal.until(isMet, () => JSON.stringify(events));
const reported = (): (readonly string[] | undefined)[] =>
  events.flatMap((event) => (event.kind === "changed" ? [event.paths] : []));
const untilReported = (path: string): Promise<void> =>
  until(() => reported().some((paths) => paths?.includes(path) === true));
const untilKind = (kind: WatchEvent["kind"]): Promise<void> =>
  until(() => events.some((event) => event.kind === kind));

describe("a watched repository", () => {
  test("has its edits reported, and nothing that git ignores", async () => {
    await start();
    writeFileSync(join(directory, "node_modules/x/index.js"), "1");
    writeFileSync(join(directory, "texts/draft.tmp"), "1");
    appendFileSync(join(directory, "texts/a.md"), "2\n");
    await untilReported("texts/a.md");
    expect(reported()).toEqual([["texts/a.md"]]);
  });

  test("has a commit of the person's own git reported, and no file with it", async () => {
    appendFileSync(join(directory, "texts/a.md"), "2\n");
    await start();
    git(directory, "commit", "-qam", "second");
    await until(() => reported().length > 0);
    expect(reported()[0]).toEqual([]);
  });

  test("is silent when git only looks, fetches or packs", async () => {
    await start();
    git(directory, "status");
    git(directory, "update-ref", "refs/remotes/origin/main", "HEAD");
    git(directory, "gc", "-q");
    writeFileSync(join(directory, "texts/b.md"), "1\n");
    await untilReported("texts/b.md");
    expect(reported()).toEqual([["texts/b.md"]]);
  });

  test("notices another branch", async () => {
    git(directory, "branch", "other");
    await start();
    git(directory, "checkout", "-q", "other");
    await until(() => reported().length > 0);
  });

  test("follows its ignore rules when they change", async () => {
    await start();
    writeFileSync(join(directory, ".gitignore"), "texts/\n");
    await until(() => reported().includes(undefined));
    events.length = 0;
    writeFileSync(join(directory, "texts/a.md"), "hidden\n");
    writeFileSync(join(directory, "node_modules/x/index.js"), "seen\n");
    await untilReported("node_modules/x/index.js");
    expect(reported().flat()).not.toContain("texts/a.md");
  });

  test("causes one more report by what a sync writes, and then none", async () => {
    await start();
    watch.startRun();
    writeFileSync(join(directory, "texts/theirs.md"), "1\n");
    git(directory, "add", ".");
    git(directory, "commit", "-qm", "theirs");
    watch.endRun({ complete: true, tip: git(directory, "rev-parse", "HEAD").trim() });
    await untilReported("texts/theirs.md");
    expect(watch.startRun()).toEqual(["texts/theirs.md"]);
    watch.endRun({ complete: true });
    events.length = 0;
    writeFileSync(join(directory, "marker"), "1\n");
    await untilReported("marker");
    expect(reported()).toEqual([["marker"]]);
  });

  test("causes none by a sync that only commits", async () => {
    appendFileSync(join(directory, "texts/a.md"), "2\n");
    await start();
    watch.startRun();
    git(directory, "commit", "-qam", "sync");
    watch.endRun({ complete: true, tip: git(directory, "rev-parse", "HEAD").trim() });
    writeFileSync(join(directory, "marker"), "1\n");
    await untilReported("marker");
    expect(reported()).toEqual([["marker"]]);
  });

  test("that is replaced by another one is watched on", async () => {
    await start();
    rmSync(directory, { recursive: true });
    makeRepository();
    await until(() => reported().includes(undefined));
    await until(() => watch.state.kind === "events");
    writeFileSync(join(directory, "texts/late.md"), "1\n");
    await untilReported("texts/late.md");
  }, 60_000);

  test("that is moved away is gone, and back when it is back", async () => {
    await start();
    renameSync(directory, `${directory}-away`);
    await untilKind("gone");
    renameSync(`${directory}-away`, directory);
    await untilKind("back");
    writeFileSync(join(directory, "texts/late.md"), "1\n");
    await until(() => reported().length > 0);
  }, 60_000);
});

const needsRoot = cannotRun(currentSystem() !== "linux" || process.getuid?.() !== 0, "only root may mount");

test.skipIf(needsRoot)(
  "a source on a disk of its own is gone while that is unmounted, and watched again when it is mounted",
  async () => {
    rmSync(directory, { recursive: true });
    mkdirSync(directory);
    const image = `${directory}.img`;
    run("truncate", "-s", "16M", image);
    run("mkfs.ext4", "-q", image);
    try {
      run("mount", "-o", "loop", image, directory);
      makeRepository();
      await start();
      run("umount", directory);
      await untilKind("gone");
      expect(events.at(-1)).toMatchObject({ message: expect.stringContaining("may not be mounted") });
      run("mount", "-o", "loop", image, directory);
      await untilKind("back");
      await until(() => reported().includes(undefined));
      writeFileSync(join(directory, "texts/late.md"), "1\n");
      await untilReported("texts/late.md");
    } finally {
      watch[Symbol.dispose]();
      Bun.spawnSync(["umount", directory]);
    }
  },
  60_000,
);

function run(...command: readonly string[]): void {
  const { exitCode, stderr } = Bun.spawnSync([...command]);
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr.toString()}`);
}
