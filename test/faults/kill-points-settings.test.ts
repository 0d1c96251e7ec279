/** `kill -9` in the middle of a sync or a restore of a settings source: the homes come to the same, and no version is lost. */
import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import type { Device } from "../helpers/device.ts";
import { cannotRun } from "../helpers/skip.ts";
import { fsck } from "../helpers/system-git.ts";
import { treeSnapshot, type TreeSnapshot } from "../helpers/tree-snapshot.ts";
import { killSweep } from "./kill-sweep.ts";
import { blobOid, blobsOf, filesOf, run } from "./oracle.ts";
import { figure, isLong, SCENES } from "./options.ts";
import { arrange, type Prepare, type Scene } from "./scene.ts";
import { tracerHindrance } from "./tracer.ts";

const hindrance = tracerHindrance();
const traced = test.skipIf(cannotRun(hindrance !== undefined, `kill points of settings: ${hindrance}`));

const FILES = ["~/.zshrc", "~/.foo/", "~/.ssh/config"];
const BASE = {
  ".zshrc": "base\n",
  ".foo/a": "a\n",
  ".foo/gone": "gone\n",
  ".foo/deep/b": "b\n",
  ".ssh/config": "Host *\n",
};

function put(device: Device, files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    const target = join(device.home, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
  }
}

async function settle(devices: readonly Device[], remote: string): Promise<void> {
  for (const device of devices) {
    const source = `{ settings: {}, remote: ${remote}, mode: two-way, files: ${JSON.stringify(FILES)} }`;
    mkdirSync(dirname(device.configFile), { recursive: true });
    writeFileSync(device.configFile, `version: 1\nsources:\n  settings: ${source}\n`, { mode: 0o600 });
    await device.lull(["sync"]);
  }
}

/** The victim has edits to gather, and some that another device made are to come to its home. */
const bothWays: Prepare = async (victim, witness, remote) => {
  put(witness, BASE);
  await settle([witness, victim], remote);
  const theirs = { ".foo/a": "by the witness\n", ".foo/new": "new, by the witness\n" };
  put(witness, theirs);
  rmSync(join(witness.home, ".foo/gone"));
  await witness.lull(["sync"]);
  const mine = { ".zshrc": "by the victim\n", ".foo/own": "new, by the victim\n" };
  put(victim, mine);
  const precious = [...Object.values(BASE), ...Object.values(theirs), ...Object.values(mine)];
  return { command: ["sync"], precious, files: { ...BASE, ...theirs, ...mine, ".foo/gone": null } };
};

/** What stands in the home is about to be replaced by what the repository has. */
const restoring: Prepare = async (victim, witness, remote) => {
  put(victim, BASE);
  await settle([victim, witness], remote);
  const mine = { ".zshrc": "not gathered\n", ".foo/a": "not gathered either\n" };
  put(victim, mine);
  rmSync(join(victim.home, ".foo/deep"), { recursive: true });
  const precious = [...Object.values(BASE), ...Object.values(mine)];
  return { command: ["restore", "settings"], precious, files: BASE };
};

async function judge({ victim, witness, remote, command, precious, files }: Scene): Promise<void> {
  await run(victim, command, [0]);
  for (const device of [victim, witness, victim]) await run(device, ["sync"], [0]);
  const managed = [victim, witness].map((device) => join(device.dataDirectory, "settings/settings"));
  const kept = new Set([...managed.flatMap(blobsOf), ...blobsOf(remote), ...filesOf(victim.home)]);
  const lost = precious.filter((content) => !kept.has(blobOid(content)));
  if (lost.length > 0) throw new Error(`LOST: ${JSON.stringify(lost)}`);
  const [here, there] = [gathered(victim), gathered(witness)];
  expect(here).toEqual(there);
  for (const [path, content] of Object.entries(files)) {
    const place = join(victim.home, path);
    if (content === null) expect({ path, isThere: existsSync(place) }).toEqual({ path, isThere: false });
    else expect({ path, text: readFileSync(place, "utf8") }).toEqual({ path, text: content as string });
  }
  for (const directory of [...managed, remote]) fsck(directory);
  const strays = readdirSync(victim.home, { recursive: true, encoding: "utf8" }).filter(
    (path) => path.endsWith(".tmp") && !/^\.(?:local|config\/lull)\//.test(path),
  );
  expect(strays).toEqual([]);
}

function gathered({ home }: Device): TreeSnapshot {
  const tree = Object.entries(treeSnapshot(home, { exactModes: true }));
  return Object.fromEntries(tree.filter(([path]) => /^\.(?:zshrc|foo\/|ssh\/)/.test(path)));
}

traced.each([
  ["both ways", bothWays],
  ["restore", restoring],
] as const)(
  "settings, %s: killed at a call that changes a file, nothing is lost and the next run goes on",
  async (name, prepare) => {
    const scene = await arrange(`settings, ${name}`, prepare);
    const offset = SCENES.length + 1 + name.length;
    const { killed, tried, points, problems } = await killSweep(scene, { offset, short: 2, judge });
    figure(
      "kill points of settings",
      `${name}: ${killed} of ${tried} killed (of ${points} points), ${problems.length} bad`,
    );
    expect(problems).toEqual([]);
    expect(killed).toBeGreaterThanOrEqual(tried / 2);
  },
  isLong ? 7_200_000 : 600_000,
);
