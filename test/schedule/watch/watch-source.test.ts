/** One source's watch over a watcher that tells what the test wants, in time that the test turns. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { FolderWatcher, TreeEvent, TreeToWatch } from "../../../src/platform/watch/folder-watcher.ts";
import { watchSource } from "../../../src/schedule/watch/watch-source.ts";
import type { IgnoreRules, SourceWatch, WatchEvent } from "../../../src/schedule/watch/watch.ts";
import { type FakeClock, fakeClock } from "../../helpers/fake-clock.ts";
import { type FakeTimers, fakeTimers } from "../../helpers/fake-timers.ts";
import { temporaryDirectory } from "../../helpers/system-git.ts";

const START = Date.parse("2025-01-15T12:00:00Z");
const QUIET_MS = 5000;
const MINUTE = 60_000;
const ONE = "1".repeat(40);
const TWO = "2".repeat(40);

const LIMIT = {
  code: "WATCH_LIMIT",
  message: "the system's limit of watched folders (8192) is used up",
  hint: "raise it",
} as const;

let clock: FakeClock;
let timers: FakeTimers;
let directory: string;
let trees: (TreeToWatch & { isOpen: boolean; rearmed: number })[];
/** What the next trees tell at once. */
let answer: TreeEvent | undefined;
let identities: Map<string, string>;
let network: string | undefined;
let signature: bigint;
let mounts: bigint;
/** Looks that may take for ever and block nobody. */
let patientLooks: number;
let lookMs: number;
let events: WatchEvent[];
let watch: SourceWatch;
const open: Disposable[] = [];

beforeEach(() => {
  clock = fakeClock(START);
  timers = fakeTimers(clock);
  directory = temporaryDirectory();
  mkdirSync(join(directory, ".git/refs/heads"), { recursive: true });
  writeFileSync(join(directory, ".git/HEAD"), "ref: refs/heads/main\n");
  setBranch(ONE);
  trees = [];
  answer = undefined;
  identities = new Map([
    [directory, "1:1"],
    [join(directory, ".git"), "1:2"],
  ]);
  network = undefined;
  signature = 1n;
  mounts = 1n;
  patientLooks = 0;
  lookMs = 0;
  events = [];
});

afterEach(() => {
  for (const handle of open.splice(0)) handle[Symbol.dispose]();
  expect(timers.pending).toBe(0);
  expect(trees.filter(({ isOpen }) => isOpen)).toEqual([]);
});

const watcher: FolderWatcher = {
  watchTree(tree) {
    const entry = { ...tree, isOpen: true, rearmed: 0 };
    trees.push(entry);
    const told = answer;
    const tellSoon = async (): Promise<void> => {
      await Promise.resolve();
      if (told !== undefined && entry.isOpen) tree.tell(told);
    };
    return {
      ready: tellSoon(),
      folders: 7,
      rearm: async () => {
        entry.rearmed++;
        await Promise.resolve();
      },
      [Symbol.dispose]: () => {
        entry.isOpen = false;
      },
    };
  },
  [Symbol.dispose]: () => {},
};

async function start(
  options: { readonly ignore?: IgnoreRules; readonly signal?: AbortSignal } = {},
): Promise<void> {
  watch = watchSource(
    {
      clock,
      timers,
      watcher,
      networkFileSystem: async () => network,
      folderIdentity: async (folder) => {
        patientLooks++;
        return identities.get(folder);
      },
      folderIdentityAtOnce: (folder) => identities.get(folder),
      mountTable: () => mounts,
      signatureOf: async (folder) => {
        if (folder === directory) clock.advance(lookMs);
        return signature;
      },
    },
    { directory, quietMs: QUIET_MS, maxWaitMs: MINUTE, ignore: options.ignore },
    { emit: (event) => events.push(event), signal: options.signal },
  );
  open.push(watch);
  await watch.ready;
  events.length = 0;
}

const live = () => trees.filter(({ isOpen }) => isOpen);
const workTree = () => live().find((tree) => tree.directory === directory);
const gitTree = () => live().find((tree) => tree.directory === join(directory, ".git"));
const change = (path: string): void => workTree()?.tell({ kind: "changed", path });
const changes = () => events.filter((event) => event.kind === "changed").map(({ paths }) => paths);
const kinds = () => events.map(({ kind }) => kind);

function setBranch(commit: string): void {
  writeFileSync(join(directory, ".git/refs/heads/main"), `${commit}\n`);
}

function moveBranch(commit: string): void {
  setBranch(commit);
  gitTree()?.tell({ kind: "changed", path: "refs/heads/main" });
}

describe("changes", () => {
  test("are reported when the quiet period is over, with when they began", async () => {
    await start();
    change("a.md");
    await timers.pass(3000);
    change("b.md");
    expect(watch.dueAt).toBe(START + 8000);
    await timers.pass(QUIET_MS - 1);
    expect(events).toEqual([]);
    await timers.pass(1);
    expect(events).toEqual([{ kind: "changed", paths: ["a.md", "b.md"], since: START }]);
    expect([watch.dueAt, watch.state]).toEqual([undefined, { kind: "events", folders: 7 }]);
  });

  test("that never end are reported after the longest wait", async () => {
    await start();
    for (let second = 0; second < 61; second++) {
      change("a.md");
      await timers.pass(1000);
    }
    expect(changes()).toEqual([["a.md"]]);
  });

  test("of which some were lost name no path", async () => {
    await start();
    change("a.md");
    workTree()?.tell({ kind: "lost" });
    await timers.pass(QUIET_MS);
    expect(changes()).toEqual([undefined]);
  });

  test("in .git count only if they move the branch", async () => {
    await start();
    gitTree()?.tell({ kind: "changed", path: "refs/heads/main" });
    await timers.pass(QUIET_MS);
    expect(events).toEqual([]);
    moveBranch(TWO);
    await timers.pass(QUIET_MS);
    expect(changes()).toEqual([[]]);
  });

  test("in .git are neither watched nor told where they say nothing", async () => {
    await start();
    const leftOut = (path: string): boolean | undefined => gitTree()?.isLeftOut(path, false);
    expect(["objects", "index.lock", "refs/remotes", "refs/heads/main.lock", "logs"].every(leftOut)).toBe(
      true,
    );
    expect(["HEAD", "refs", "refs/heads", "refs/heads/a/b", "info/exclude"].some(leftOut)).toBe(false);
    const inTree = (path: string): boolean | undefined => workTree()?.isLeftOut(path, true);
    expect([inTree(".git"), inTree("sub/.git"), inTree(".github")]).toEqual([true, true, false]);
  });

  test("that never rest are told as noise", async () => {
    await start();
    for (let second = 0; second < 3600; second++) {
      change("app.log");
      await timers.pass(1000);
    }
    const noise = events.filter((event) => event.kind === "noise");
    expect(noise).toEqual([{ kind: "noise", paths: [{ path: "app.log", everyMs: 8 * MINUTE }] }]);
    expect(changes().length).toBeLessThan(18);
  });
});

describe("a sync of the source", () => {
  test("causes no other by its own commit", async () => {
    await start();
    watch.startRun();
    moveBranch(TWO);
    watch.endRun({ complete: true, tip: TWO });
    await timers.pass(MINUTE);
    expect(events).toEqual([]);
  });

  test("causes one other by what it writes, and that none", async () => {
    await start();
    let runs = 0;
    let hints: readonly (readonly string[] | undefined)[] = [];
    const sync = (writes: readonly string[]): void => {
      runs++;
      hints = [...hints, watch.startRun()];
      for (const path of writes) change(path);
      if (writes.length > 0) moveBranch(TWO);
      watch.endRun({ complete: true, tip: undefined });
    };
    sync(["from-afar.md"]);
    for (let turn = 0; turn < 20; turn++) {
      await timers.pass(MINUTE);
      if (changes().length >= runs) sync([]);
    }
    expect([runs, changes(), hints]).toEqual([2, [["from-afar.md"]], [undefined, ["from-afar.md"]]]);
  });

  test("is not disturbed: what changes meanwhile is reported after it", async () => {
    await start();
    watch.startRun();
    change("mine.md");
    await timers.pass(10 * MINUTE);
    expect(events).toEqual([]);
    watch.endRun({ complete: true });
    await timers.pass(0);
    expect(events).toEqual([{ kind: "changed", paths: ["mine.md"], since: START }]);
  });

  test("takes what is pending with it, and gets all changes since the last one as hints", async () => {
    await start();
    watch.startRun();
    watch.endRun({ complete: true });
    change("a.md");
    await timers.pass(QUIET_MS);
    change("b.md");
    expect(watch.startRun()).toEqual(["a.md", "b.md"]);
    watch.endRun({ complete: false });
    await timers.pass(MINUTE);
    expect(changes()).toEqual([["a.md"]]);
    expect(watch.startRun()).toEqual(["a.md", "b.md"]);
    watch.endRun({ complete: true });
    expect(watch.startRun()).toEqual([]);
  });

  test("is followed by another one for a commit that the person made meanwhile", async () => {
    await start();
    watch.startRun();
    moveBranch(TWO);
    watch.endRun({ complete: true, tip: "3".repeat(40) });
    await timers.pass(QUIET_MS);
    expect(changes()).toEqual([[]]);
  });

  test("that nobody started ends without effect", async () => {
    await start();
    change("a.md");
    watch.endRun({ complete: false });
    await timers.pass(QUIET_MS);
    expect(changes()).toEqual([["a.md"]]);
  });
});

describe("polling", () => {
  const tick = async (times = 1): Promise<void> => {
    for (let turn = 0; turn < times; turn++) await timers.pass(30_000);
  };

  test("serves a network folder, and says so", async () => {
    network = "NFS";
    await start();
    const reason = {
      code: "NETWORK_FOLDER" as const,
      message: `${directory} is on NFS, where changes by other machines cause no events`,
      hint: undefined,
    };
    expect(watch.state).toEqual({ kind: "polling", everyMs: 30_000, reason });
    expect(trees).toEqual([]);
    await tick(3);
    expect(events).toEqual([]);
    signature = 2n;
    await tick();
    await timers.pass(QUIET_MS);
    expect(changes()).toEqual([undefined]);
    await tick(100);
    expect(changes()).toHaveLength(1);
  });

  test("gets rarer for a folder that takes long to look at", async () => {
    network = "NFS";
    lookMs = 700;
    await start();
    await tick();
    expect(events.at(-1)).toMatchObject({ kind: "mode", mode: "polling", everyMs: 150_000 });
    lookMs = 20_000;
    await tick(10);
    expect(watch.state).toMatchObject({ everyMs: 600_000 });
  });

  test("gives no hints, since there may be changes that nobody has seen yet", async () => {
    network = "NFS";
    await start();
    watch.startRun();
    watch.endRun({ complete: true });
    expect(watch.startRun()).toBeUndefined();
  });

  test("takes over at a limit, and gives way when there is room again", async () => {
    answer = { kind: "refused", refusal: LIMIT };
    await start();
    expect(watch.state).toMatchObject({ kind: "polling", reason: LIMIT });
    expect(live()).toEqual([]);
    await tick(21);
    expect([events, watch.state.kind]).toEqual([[], "polling"]);
    answer = undefined;
    await tick(21);
    expect(kinds()).toEqual(["mode", "changed"]);
    expect(watch.state).toEqual({ kind: "events", folders: 7 });
    const opened = trees.length;
    await tick(60);
    expect(trees.length).toBe(opened);
  });

  test("takes over when a limit is met later, and loses nothing on the way", async () => {
    await start();
    workTree()?.tell({ kind: "refused", refusal: LIMIT });
    expect(events).toEqual([{ kind: "mode", mode: "polling", everyMs: 30_000, reason: LIMIT }]);
    await timers.pass(QUIET_MS);
    expect(changes()).toEqual([undefined]);
  });
});

describe("a folder", () => {
  test("that is gone is said to be, and watched again when it is back", async () => {
    await start();
    identities.delete(directory);
    workTree()?.tell({ kind: "gone" });
    await timers.pass(0);
    expect(events).toEqual([{ kind: "gone", message: `${directory} is not there` }]);
    expect([live(), watch.state.kind]).toEqual([[], "gone"]);
    await timers.pass(10 * MINUTE);
    expect(events).toHaveLength(1);
    identities.set(directory, "1:9");
    await timers.pass(10_000);
    expect(kinds()).toEqual(["gone", "back", "mode"]);
    await timers.pass(QUIET_MS);
    expect(changes()).toEqual([undefined]);
    change("a.md");
    await timers.pass(QUIET_MS);
    expect(changes()).toEqual([undefined, ["a.md"]]);
  });

  test("that another one has taken the place of is watched at once", async () => {
    await start();
    identities.set(directory, "1:9");
    workTree()?.tell({ kind: "gone" });
    await timers.pass(QUIET_MS);
    expect(events).toMatchObject([{ kind: "changed", paths: undefined }]);
    expect(live()).toHaveLength(2);
  });

  test("over which a file system is mounted is noticed by looking", async () => {
    await start();
    const before = trees.length;
    identities.set(directory, "2:1").set(join(directory, ".git"), "2:2");
    await timers.pass(30_000);
    expect([trees.length - before, live().length]).toEqual([2, 2]);
    await timers.pass(QUIET_MS);
    expect(changes()).toEqual([undefined]);
  });

  test("is looked at without waiting for it only as long as nothing is mounted", async () => {
    await start();
    patientLooks = 0;
    await timers.pass(5 * MINUTE);
    expect(patientLooks).toBe(0);
    mounts = 2n;
    await timers.pass(30_000);
    expect(patientLooks).toBeGreaterThan(0);
    patientLooks = 0;
    await timers.pass(5 * MINUTE);
    expect(patientLooks).toBe(0);
  });

  test("whose file system is not mounted is gone, though its empty place is there", async () => {
    await start();
    identities.delete(join(directory, ".git"));
    identities.set(directory, "0:5");
    workTree()?.tell({ kind: "gone" });
    await timers.pass(MINUTE);
    expect(events).toEqual([
      {
        kind: "gone",
        message: `${directory} has no repository any more; its file system may not be mounted`,
      },
    ]);
    change("nothing");
    await timers.pass(MINUTE);
    expect(events).toHaveLength(1);
  });

  test("that was never there is waited for", async () => {
    identities.clear();
    const message = `${directory} is not there`;
    await start();
    expect(watch.state).toEqual({ kind: "gone", message });
    identities.set(directory, "1:1");
    await timers.pass(10_000);
    expect(kinds()).toEqual(["back", "mode"]);
  });

  test("that may not be read is gone, and tried again", async () => {
    answer = { kind: "gone" };
    await start();
    expect(watch.state).toEqual({ kind: "gone", message: `${directory} can not be read` });
    await timers.pass(MINUTE);
    expect(events).toEqual([]);
    answer = undefined;
    await timers.pass(10_000);
    expect(kinds()).toEqual(["back", "mode"]);
  });
});

describe("ignore rules", () => {
  test("are asked for everything but repositories, and read again when they change", async () => {
    const calls: string[] = [];
    const ignore: IgnoreRules = {
      reset: () => calls.push("reset"),
      enter: (folder) => calls.push(`enter ${folder}`),
      isIgnored: (path) => path === "node_modules",
    };
    await start({ ignore });
    expect(workTree()?.isLeftOut("node_modules", true)).toBe(true);
    workTree()?.ruleFile?.enter("sub");
    calls.length = 0;
    change("sub/.gitignore");
    change(".gitignore");
    await timers.pass(QUIET_MS);
    expect([calls, workTree()?.rearmed]).toEqual([["reset", "reset"], 2]);
    expect(changes()).toEqual([undefined]);
    gitTree()?.tell({ kind: "changed", path: "info/exclude" });
    await timers.pass(QUIET_MS);
    expect(workTree()?.rearmed).toBe(3);
  });
});

test("a linked work tree is watched with the branches of its repository", async () => {
  const repository = join(directory, "repository");
  const linked = join(directory, "linked");
  const own = join(repository, "worktrees/linked");
  mkdirSync(own, { recursive: true });
  renameSync(join(directory, ".git/refs"), join(repository, "refs"));
  mkdirSync(linked);
  writeFileSync(join(linked, ".git"), `gitdir: ${own}\n`);
  writeFileSync(join(own, "commondir"), "../..\n");
  identities.set(linked, "1:5");
  directory = linked;
  await start();
  expect(live().map((tree) => tree.directory)).toEqual([linked, own, repository]);
});

test("a signal ends the watch, before it starts or later", async () => {
  const abort = new AbortController();
  await start({ signal: abort.signal });
  change("a.md");
  abort.abort();
  await timers.pass(MINUTE);
  expect([events, watch.state, live()]).toEqual([[], { kind: "closed" }, []]);
  await start({ signal: abort.signal });
  expect([watch.state, live()]).toEqual([{ kind: "closed" }, []]);
});
