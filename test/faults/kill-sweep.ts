/** Runs a scene's command once for each point at which it can die, or a sample of them, and has the judge look. */
import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { judge as judgeRepositories } from "./oracle.ts";
import { caseCount, seed, seeded, spread } from "./options.ts";
import type { Scene } from "./scene.ts";
import { type Death, KILLED, runTraced } from "./tracer.ts";

type Point = { readonly at: number; readonly death: Death };

export type KillSweep = {
  readonly killed: number;
  readonly tried: number;
  /** All that there are. */
  readonly points: number;
  readonly problems: readonly string[];
};

const [onlyAt, onlyDeath] = (process.env["LULL_FAULTS_AT"] ?? "").split(":");

export type KillSweepOptions = {
  /** Of the random numbers, another one for each scene. */
  readonly offset: number;
  /** How many points the short form tries. */
  readonly short?: number;
  readonly judge?: (scene: Scene) => Promise<void>;
};

export async function killSweep(
  scene: Scene,
  { offset, short = 3, judge = judgeRepositories }: KillSweepOptions,
): Promise<KillSweep> {
  const points = await allPoints(scene);
  const sample =
    onlyDeath === undefined
      ? spread(points, caseCount(short, points.length), seeded(offset))
      : [{ at: Number(onlyAt), death: onlyDeath as Death }];
  let killed = 0;
  const problems: string[] = [];
  for (const { at, death } of sample) {
    scene.reset();
    const run = await runTraced(scene.victim, scene.command, {
      under: scene.under,
      orders: [{ at, act: death }],
    });
    if (run.code === KILLED) killed++;
    try {
      await judge(scene);
    } catch (error) {
      const where = `${death} call ${at} (${run.acted?.call} ${run.acted?.paths.join(" → ")})`;
      problems.push(`${where}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { killed, tried: sample.length, points: points.length, problems };
}

/** What these change is there as soon as they are done, whatever another thread does next. */
const NAMING = new Set(["rename", "link", "symlink", "unlink", "mkdir", "rmdir"]);

/** Every point at which this command can die: before each call, in each write, and after each change of a name. */
async function allPoints(scene: Scene): Promise<Point[]> {
  const log = join(scene.victim.outside, "log");
  const run = await runTraced(scene.victim, scene.command, { under: scene.under, log });
  expect({ seed, output: run.output, code: run.code }).toMatchObject({
    code: scene.clash === undefined ? 0 : 5,
  });
  const done = readFileSync(log, "utf8")
    .split("\n")
    .map((line) => line.split("\t"))
    .map(([number, call = "", , , size]) => ({ at: Number(number), call, size: Number(size) }));
  const inWrites = new Set(done.filter(({ call, size }) => call === "write" && size > 1).map(({ at }) => at));
  const names = new Set(done.filter(({ call }) => NAMING.has(call)).map(({ at }) => at));
  const points: Point[] = [];
  for (let at = 1; at <= run.calls; at++) {
    points.push({ at, death: "before" });
    if (inWrites.has(at)) points.push({ at, death: "torn" }, { at, death: "half" });
    if (names.has(at) || at === run.calls) points.push({ at, death: "after" });
  }
  return points;
}
