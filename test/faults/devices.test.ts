/**
 * Two, three and five devices that edit at random and sync at the same moment, against a model (reliability.md, F14 and
 * figure 4). After each round all have the same; what one device alone touched is exactly as that one left it; of what
 * several touched, every version is in the folder or in the history; what nobody touched is as before.
 */
import { expect, test } from "bun:test";
import { readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

import type { Random } from "../helpers/random.ts";
import { benchDevice, benchRemote, type BenchDevice } from "../helpers/sync-bench.ts";
import { fsck, git } from "../helpers/system-git.ts";
import { treeSnapshot, type TreeSnapshot } from "../helpers/tree-snapshot.ts";
import { renamesByGit } from "./git-renames.ts";
import { blobOid } from "./oracle.ts";
import { caseCount, figure, isLong, seed, seeded } from "./options.ts";
import { editOnce, makeKeepers, type Touch, unitOf } from "./random-edits.ts";

const LONGEST_MS = isLong ? 7_200_000 : 600_000;
/** Rounds of a run: fewer in the short form. */
const ROUNDS = isLong ? 50 : 5;

/** In a folder of a dozen files, what comes by chance may look like a mass deletion. */
const NEVER_STOPS = { deletions: { percent: 100, files: 1000 }, changes: { percent: 100, files: 1000 } };

type Turn = { readonly device: BenchDevice; readonly touches: readonly Touch[]; readonly left: TreeSnapshot };

/** `LULL_FAULTS_DEVICES=5` runs one size. */
const COUNTS = [2, 3, 5].filter((count) => Number(process.env["LULL_FAULTS_DEVICES"] ?? count) === count);

test.each(COUNTS)(
  "%d devices that edit at random come to the same, and no edit is lost",
  async (count) => {
    let edits = 0;
    let conflicts = 0;
    const runs = caseCount(1, 20);
    for (let index = 0; index < runs; index++) {
      const random = seeded(1000 * index + count);
      const remote = benchRemote();
      const devices = Array.from({ length: count }, (_, number) =>
        benchDevice(`device-${number}`, remote, { guards: NEVER_STOPS }),
      );
      const [first] = devices;
      if (first === undefined) return;
      makeKeepers(first.directory);
      await converge(devices, remote);
      for (let round = 0; round < ROUNDS; round++) {
        const before = snapshot(first);
        const base = git(first.directory, "rev-parse", "main");
        const turns = devices.map((device) => turn(device, random, `${index}.${round} ${device.name}`));
        const contents = turns.flatMap(({ device }) => contentsOf(device));
        edits += turns.reduce((sum, { touches }) => sum + touches.length, 0);
        conflicts += await converge(devices, remote);
        const where = `run ${index}, round ${round}, seed ${seed}`;
        const met = { before, turns, after: snapshot(first) };
        let problems = problemsOf(met);
        // Where the model alone would be wrong: a removed file and a new one may be alike enough to be one that moved.
        if (problems.length > 0) problems = problemsOf(met, renamesByGit(first.directory, base));
        expect({ where, problems }).toEqual({ where, problems: [] });
        expect({ where, lost: lostOf(contents, first) }).toEqual({ where, lost: [] });
      }
      fsck(remote);
      for (const device of devices) fsck(device.directory);
    }
    figure(
      "devices",
      `${count} devices x ${ROUNDS} rounds x ${runs} runs: ${edits} edits, ${conflicts} conflicts, none lost`,
    );
  },
  LONGEST_MS,
);

function snapshot({ directory }: BenchDevice): TreeSnapshot {
  return treeSnapshot(directory);
}

function turn(device: BenchDevice, random: Random, name: string): Turn {
  const touches: Touch[] = [];
  for (let left = random.below(10); left > 0; left--) {
    const touch = editOnce(device.directory, random, `${name}.${left}`);
    if (touch !== undefined) touches.push(touch);
  }
  return { device, touches, left: snapshot(device) };
}

/** All at once, then one after the other until everybody has what the others had. Returns how many conflicts were met. */
async function converge(devices: readonly BenchDevice[], remote: string): Promise<number> {
  let conflicts = 0;
  const sync = async (device: BenchDevice): Promise<void> => {
    const { outcome, error, conflicts: met } = await device.sync();
    conflicts += met.length;
    // Five at once may not all get their turn; the next sync goes on.
    if (error !== undefined && error.code !== "STILL_MOVING")
      throw new Error(`${device.name}: ${outcome} ${JSON.stringify(error)}`);
  };
  await Promise.all(devices.map(sync));
  for (let again = 0; again < 2; again++) for (const device of devices) await sync(device);
  const [first, ...others] = devices.map(snapshot);
  for (const other of others) expect(other).toEqual(first as TreeSnapshot);
  expect(remote).not.toBe("");
  return conflicts;
}

type Round = { readonly before: TreeSnapshot; readonly turns: readonly Turn[]; readonly after: TreeSnapshot };

/** @param renames pairs that a merge may have taken for one file */
function problemsOf({ before, turns, after }: Round, renames: readonly Touch[] = []): string[] {
  const groups = tie([...turns.flatMap(({ touches }) => touches), ...renames]);
  const by = new Map<string, Set<Turn>>();
  for (const one of turns) {
    for (const unit of one.touches.flatMap(({ units }) => units)) {
      const root = groups(unit);
      by.set(root, (by.get(root) ?? new Set()).add(one));
    }
  }
  const units = new Set(
    [before, after, ...turns.map(({ left }) => left)].flatMap((tree) => Object.keys(tree)).map(unitOf),
  );
  const problems: string[] = [];
  for (const unit of units) {
    const touchers = [...(by.get(groups(unit)) ?? [])];
    // Several: which of the versions has the name is the merge's choice.
    if (touchers.length > 1) continue;
    const wanted = part(touchers[0]?.left ?? before, unit);
    const found = part(after, unit);
    if (wanted === found || (touchers.length === 0 && /conflict/.test(unit))) continue;
    problems.push(
      `${JSON.stringify(unit)} (${touchers[0]?.device.name ?? "nobody"}) should be ${wanted}, is ${found}`,
    );
  }
  return problems;
}

/** Units that a touch names together, and those that share one with them, are one group. */
function tie(touches: readonly Touch[]): (unit: string) => string {
  const parents = new Map<string, string>();
  const root = (unit: string): string => {
    const parent = parents.get(unit);
    return parent === undefined ? unit : root(parent);
  };
  for (const { units } of touches) {
    for (const unit of units.slice(1)) {
      const [a, b] = [root(units[0] ?? unit), root(unit)];
      if (a !== b) parents.set(a, b);
    }
  }
  return root;
}

function part(tree: TreeSnapshot, unit: string): string {
  const entries = Object.entries(tree).filter(([path]) => unitOf(path) === unit);
  return JSON.stringify(entries);
}

/** Of every file and link in the folder: the blob that must not be lost. */
function contentsOf({ directory }: BenchDevice): { readonly path: string; readonly oid: string }[] {
  return Object.entries(treeSnapshot(directory)).flatMap(([path, what]) => {
    const place = Buffer.concat([Buffer.from(`${directory}/`), Buffer.from(path, "latin1")]);
    if (what.startsWith("file ")) return [{ path, oid: blobOid(readFileSync(place)) }];
    if (what.startsWith("link ")) return [{ path, oid: blobOid(readlinkSync(place, "buffer")) }];
    return [];
  });
}

function lostOf(
  contents: readonly { readonly path: string; readonly oid: string }[],
  device: BenchDevice,
): string[] {
  const listed = Bun.spawnSync(["git", "rev-list", "main", "--objects", "--no-object-names"], {
    cwd: join(device.directory),
  });
  const kept = new Set(listed.stdout.toString().split("\n"));
  return contents.filter(({ oid }) => !kept.has(oid)).map(({ path }) => path);
}
