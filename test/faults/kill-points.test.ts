/**
 * `kill -9` at every call that changes a file, in six scenarios (reliability.md, F1 and figure 1). The short form takes a
 * sample. `LULL_FAULTS_SCENE=pull LULL_FAULTS_AT=17:half` repeats one point.
 */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { cannotRun } from "../helpers/skip.ts";
import { judge } from "./oracle.ts";
import { caseCount, figure, isChosen, isLong, SCENES, seed, seeded, spread } from "./options.ts";
import { makeScene, type Scene } from "./scene.ts";
import { type Death, KILLED, runTraced, tracerHindrance } from "./tracer.ts";

const hindrance = tracerHindrance();
const traced = test.skipIf(cannotRun(hindrance !== undefined, `kill points: ${hindrance}`));
const LONGEST_MS = isLong ? 7_200_000 : 600_000;

type Point = { readonly at: number; readonly death: Death };

const [onlyAt, onlyDeath] = (process.env["LULL_FAULTS_AT"] ?? "").split(":");
const chosen = SCENES.filter(isChosen);

traced.each(chosen)(
  "%s, killed at a call that changes a file, loses nothing and needs no hand",
  async (name) => {
    const scene = await makeScene(name);
    const points = await allPoints(scene);
    const sample =
      onlyDeath === undefined
        ? spread(points, caseCount(3, points.length), seeded(SCENES.indexOf(name)))
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
    figure(
      "kill points",
      `${name}: ${killed} of ${sample.length} killed (of ${points.length} points), ${problems.length} bad`,
    );
    expect(problems).toEqual([]);
    // The count differs a little from run to run: names that are random, threads that share the work.
    expect(killed).toBeGreaterThan(sample.length / 2);
  },
  LONGEST_MS,
);

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
