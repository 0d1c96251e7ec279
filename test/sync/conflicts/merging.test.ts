/** Each strategy through the real engine and a real remote. */
import { expect, test } from "bun:test";
import { existsSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import type { ConflictStrategy } from "../../../src/config/config.ts";
import { readRecords } from "../../../src/sync/conflicts/conflict-record.ts";
import type { SyncRun } from "../../../src/sync/outcome.ts";
import { fakeClock } from "../../helpers/fake-clock.ts";
import { seededRandom } from "../../helpers/random.ts";
import { benchDevice, benchRemote, type BenchDevice } from "../../helpers/sync-bench.ts";
import { fsck, git } from "../../helpers/system-git.ts";
import { treeSnapshot } from "../../helpers/tree-snapshot.ts";

const STRATEGIES: readonly ConflictStrategy[] = ["keep-both", "newest", "ours", "theirs", "union", "manual"];

function devices(strategy: ConflictStrategy, count: number): readonly BenchDevice[] {
  const remote = benchRemote();
  return Array.from({ length: count }, (_, index) =>
    benchDevice(`device${index}`, remote, {
      clock: fakeClock(1_800_000_000_000 + index * 10_000),
      settings: { conflicts: [{ glob: "**", strategy }] },
    }),
  );
}

/** Two devices that both have the file, and then each do something of their own. */
async function collide(
  strategy: ConflictStrategy,
  acts: { readonly first: (device: BenchDevice) => void; readonly second: (device: BenchDevice) => void },
  base = "one\ntwo\nthree\n",
): Promise<{ readonly first: BenchDevice; readonly second: BenchDevice; readonly run: SyncRun }> {
  const [first, second] = devices(strategy, 2) as [BenchDevice, BenchDevice];
  first.write("plan.md", base);
  first.write("rest.md", "rest\n");
  await first.sync();
  await second.sync();
  acts.first(first);
  acts.second(second);
  second.write("rest.md", "goes on\n");
  await first.sync();
  const run = await second.sync();
  await first.sync();
  expect(treeSnapshot(first.directory)).toEqual(treeSnapshot(second.directory));
  expect(first.read("rest.md")).toBe("goes on\n");
  for (const device of [first, second]) {
    fsck(device.directory);
    expect(git(device.directory, "status", "--porcelain")).toBe("");
    expect((await device.sync()).outcome).toBe("up-to-date");
  }
  return { first, second, run };
}

const edits = {
  first: (device: BenchDevice) => device.write("plan.md", "one\nfirst\nthree\n"),
  second: (device: BenchDevice) => device.write("plan.md", "one\nsecond\nthree\n"),
};
const removedThere = { ...edits, first: (device: BenchDevice) => device.remove("plan.md") };
const removedHere = { ...edits, second: (device: BenchDevice) => device.remove("plan.md") };

test.each([
  ["keep-both", "one\nfirst\nthree\n", "both", "conflict"],
  ["newest", "one\nsecond\nthree\n", "ours", "synced"],
  ["ours", "one\nsecond\nthree\n", "ours", "synced"],
  ["theirs", "one\nfirst\nthree\n", "theirs", "synced"],
  ["union", "one\nsecond\nfirst\nthree\n", "union", "synced"],
  ["manual", "one\nsecond\nthree\n", "ours", "conflict"],
] as const)("%s: both edited the same line", async (strategy, content, kept, outcome) => {
  const { first, second, run } = await collide(strategy, edits);
  expect(first.read("plan.md")).toBe(content);
  expect(run).toMatchObject({ outcome, conflicts: [{ path: "plan.md", reason: "content", kept, strategy }] });
  expect(run.conflicts[0]?.open).toBe(outcome === "conflict");
  // What lost is in the history of every device.
  for (const side of ["1", "2"]) {
    const lost = git(first.directory, "show", `${run.conflicts[0]?.commit}^${side}:plan.md`);
    expect(lost).toBe(side === "1" ? "one\nsecond\nthree" : "one\nfirst\nthree");
  }
  const copy = run.conflicts[0]?.copy;
  if (kept === "both") expect(second.read(copy ?? "")).toBe("one\nsecond\nthree\n");
  else expect(copy).toBeUndefined();
});

test.each([
  ["keep-both", true, true],
  ["newest", true, false],
  ["ours", true, false],
  ["theirs", false, true],
  ["union", true, true],
  ["manual", true, false],
] as const)(
  "%s: one removed it (there: it stays %p; here: it stays %p)",
  async (strategy, stays, staysHere) => {
    const there = await collide(strategy, removedThere);
    expect(existsSync(join(there.first.directory, "plan.md"))).toBe(stays);
    expect(there.run.conflicts).toMatchObject([{ reason: "modify-delete" }]);
    const here = await collide(strategy, removedHere);
    expect(existsSync(join(here.first.directory, "plan.md"))).toBe(staysHere);
    expect(here.run.outcome).toBe(strategy === "manual" ? "conflict" : "synced");
  },
);

test("union of files that are not text keeps both", async () => {
  const { second, run } = await collide("union", {
    first: (device) => device.write("plan.md", "\0first"),
    second: (device) => device.write("plan.md", "\0second"),
  });
  expect(run.conflicts).toMatchObject([{ kept: "both", strategy: "keep-both", open: true }]);
  expect(second.read(run.conflicts[0]?.copy ?? "")).toBe("\0second");
});

test("union of files that both added has the lines of both", async () => {
  const { first, run } = await collide("union", {
    first: (device) => device.write("new.md", "first\n"),
    second: (device) => device.write("new.md", "second\n"),
  });
  expect(first.read("new.md")).toBe("second\nfirst\n");
  expect(run.conflicts).toMatchObject([{ reason: "add-add", kept: "union" }]);
});

test("union leaves alone what .gitattributes call binary", async () => {
  const { run } = await collide("union", {
    first: (device) => {
      device.write(".gitattributes", "*.md -merge\n");
      edits.first(device);
    },
    second: (device) => {
      device.write(".gitattributes", "*.md -merge\n");
      edits.second(device);
    },
  });
  expect(run.conflicts).toMatchObject([{ path: "plan.md", kept: "both" }]);
});

test.each(["ours", "manual", "theirs", "newest"] as const)(
  "%s: a file against a folder loses neither",
  async (strategy) => {
    const { second, run } = await collide(strategy, {
      first: (device) => device.write("x/inside.md", "inside\n"),
      second: (device) => device.write("x", "file\n"),
    });
    expect(second.read("x/inside.md")).toBe("inside\n");
    const isAside = strategy !== "theirs";
    expect(run.conflicts).toMatchObject([{ path: "x", kept: isAside ? "both" : "theirs" }]);
    if (isAside) expect(second.read(run.conflicts[0]?.copy ?? "")).toBe("file\n");
  },
);

test("newest looks at the last change of the path, not at the last commit", async () => {
  const [first, second] = devices("newest", 2) as [BenchDevice, BenchDevice];
  first.write("plan.md", "base\n");
  await first.sync();
  await second.sync();
  const commit = (device: BenchDevice, at: string) => {
    git(
      device.directory,
      "-c",
      "user.name=x",
      "-c",
      "user.email=y",
      "commit",
      "-qam",
      "by hand",
      `--date=${at}`,
    );
  };
  first.write("plan.md", "first, later\n");
  commit(first, "2030-01-02T00:00:00Z");
  second.write("plan.md", "second, earlier\n");
  commit(second, "2030-01-01T00:00:00Z");
  second.write("other.md", "other\n");
  git(second.directory, "add", "-A");
  commit(second, "2030-01-03T00:00:00Z");
  await first.sync();
  expect(await second.sync()).toMatchObject({ conflicts: [{ kept: "theirs", strategy: "newest" }] });
  expect(second.read("plan.md")).toBe("first, later\n");
});

test("each path by the first rule that matches", async () => {
  const remote = benchRemote();
  const settings = {
    conflicts: [
      { glob: "*.log", strategy: "theirs" },
      { glob: "lists/**", strategy: "union" },
      { glob: "**", strategy: "manual" },
    ],
  } as const;
  const [first, second] = ["a", "b"].map((name) => benchDevice(name, remote, { settings })) as [
    BenchDevice,
    BenchDevice,
  ];
  for (const path of ["x.log", "lists/todo", "plan.md"]) first.write(path, "base\n");
  await first.sync();
  await second.sync();
  for (const path of ["x.log", "lists/todo", "plan.md"]) {
    first.write(path, `first ${path}\n`);
    second.write(path, `second ${path}\n`);
  }
  await first.sync();
  const run = await second.sync();
  expect(run.conflicts.map(({ path, strategy }) => `${path} ${strategy}`)).toEqual([
    "lists/todo union",
    "plan.md manual",
    "x.log theirs",
  ]);
  expect(second.read("x.log")).toBe("first x.log\n");
  expect(second.read("lists/todo")).toBe("second lists/todo\nfirst lists/todo\n");
  expect(second.read("plan.md")).toBe("second plan.md\n");
});

const PATHS = ["a.md", "b.bin", "dir/c.md", "dir", "d", repoName()] as const;

function repoName(): string {
  return "odd name\u00e9\n=.md";
}

/** One edit of any sort; what the file system does not allow is no edit. */
function randomEdit(device: BenchDevice, random: ReturnType<typeof seededRandom>): void {
  const path = random.pick(PATHS);
  try {
    switch (random.below(6)) {
      case 0:
        device.remove(path);
        return;
      case 1:
        device.write(path, `\0${random.below(1000)}`);
        return;
      case 2:
        symlinkSync(`target${random.below(9)}`, join(device.directory, path));
        return;
      case 3:
        device.remove(path);
        device.write(random.pick(PATHS), `moved ${random.below(1000)}\n`);
        return;
      default:
        device.write(path, `top\n${device.name} ${random.below(1000)}\nend\n`);
    }
  } catch {
    // A folder in the way, or nothing there to remove.
  }
}

const ROUNDS = 10;

async function expectRest(
  all: readonly BenchDevice[],
  random: ReturnType<typeof seededRandom>,
): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    for (const device of all) if (random.chance(0.8)) randomEdit(device, random);
    const run = await random.pick(all).sync();
    expect(run.error).toBeUndefined();
  }
  for (const device of [...all, ...all]) await device.sync();
  const [first] = all;
  for (const device of all) {
    fsck(device.directory);
    expect(git(device.directory, "rev-parse", "HEAD")).toBe(git(first?.directory ?? "", "rev-parse", "HEAD"));
    expect(treeSnapshot(device.directory)).toEqual(treeSnapshot(first?.directory ?? ""));
    expect((await device.sync()).outcome).toBe("up-to-date");
  }
}

test.each(STRATEGIES.flatMap((strategy) => [2, 3].map((count) => [strategy, count] as const)))(
  "%s: %p devices with random edits agree and come to rest",
  async (strategy, count) => {
    await expectRest(devices(strategy, count), seededRandom(1000 + count));
  },
);

test("five devices that meet in one file at the same moment keep what each wrote, and all learn of it", async () => {
  const all = devices("keep-both", 5);
  const [first] = all as [BenchDevice];
  first.write("plan.md", "base\n");
  for (const device of all) await device.sync();
  for (const device of all) device.write("plan.md", `by ${device.name}\n`);
  const runs = await Promise.all(all.map((device) => device.sync()));
  expect(runs.filter(({ outcome }) => outcome === "conflict")).toHaveLength(4);
  for (const device of all) expect((await device.sync()).error).toBeUndefined();
  for (const device of all) {
    fsck(device.directory);
    expect(treeSnapshot(device.directory)).toEqual(treeSnapshot(first.directory));
  }
  const files = readdirSync(first.directory).filter((name) => name.startsWith("plan."));
  const written = files.map((name) => first.read(name)).toSorted();
  expect(written).toEqual(all.map(({ name }) => `by ${name}\n`));
  const last = all.at(-1) ?? first;
  const repository = last.deps.git.open(last.directory);
  const tip = repository.readRef("refs/heads/main") ?? "none";
  const records = repository
    .newCommits(tip, undefined, 100)
    .flatMap((commit) => readRecords(commit.oid, commit));
  repository.close();
  const copies = files.filter((name) => name !== "plan.md");
  expect(new Set(records.map(({ copy }) => copy))).toEqual(new Set(copies));
  expect(records).toHaveLength(copies.length);
});

test.each([1, 2, 3])("devices that each have other rules agree and come to rest (seed %p)", async (seed) => {
  const random = seededRandom(seed);
  const remote = benchRemote();
  const all = ["a", "b", "c"].map((name, index) =>
    benchDevice(name, remote, {
      clock: fakeClock(1_800_000_000_000 + index * 10_000),
      settings: {
        conflicts: [{ glob: "**", strategy: random.pick(STRATEGIES) }],
        syncDeletions: index > 0,
      },
    }),
  );
  await expectRest(all, random);
});
