/**
 * A power cut at any moment of six scenarios (reliability.md, F2 and figure 2): a sync runs to its end under the tracer,
 * then the disk is set to what a cut after some call may have left. `LULL_FAULTS_SCENE=pull LULL_FAULTS_AT=17` with the
 * seed that was printed repeats one cut.
 */
import { expect, test } from "bun:test";
import { join } from "node:path";

import { cannotRun } from "../helpers/skip.ts";
import { seededRandom } from "../helpers/random.ts";
import { DiskModel, type Names, readLog } from "./disk-model.ts";
import { judge } from "./oracle.ts";
import { caseCount, figure, isChosen, isLong, SCENES, seed } from "./options.ts";
import { makeScene } from "./scene.ts";
import { runTraced, tracerHindrance } from "./tracer.ts";

const hindrance = tracerHindrance();
const traced = test.skipIf(cannotRun(hindrance !== undefined, `power cuts: ${hindrance}`));

const LONGEST_MS = isLong ? 7_200_000 : 600_000;
const onlyAt = process.env["LULL_FAULTS_AT"];
/** One of them alone: see `disk-model.ts`. Default: by turns. */
const forced = process.env["LULL_FAULTS_NAMES"] as Names | undefined;
const chosen = SCENES.filter(isChosen);

traced.each(chosen)(
  "%s, ended by a power cut, loses nothing and needs no hand",
  async (name) => {
    const scene = await makeScene(name);
    const log = join(scene.victim.outside, "log");
    scene.reset();
    const run = await runTraced(scene.victim, scene.command, { under: scene.under, log });
    expect({ output: run.output, code: run.code }).toMatchObject({ code: scene.clash === undefined ? 0 : 5 });
    const calls = readLog(log);
    const cuts = caseCount(3, 90);
    const problems: string[] = [];
    const moments = Array.from({ length: cuts }, (_, index) =>
      Math.floor(((index + 0.5) * (calls.length + 1)) / cuts),
    );
    for (const [index, at] of (onlyAt === undefined ? moments : [Number(onlyAt)]).entries()) {
      scene.reset();
      const names = forced ?? (index % 2 === 0 ? "journal" : "strict");
      const disk = new DiskModel(scene.under, names);
      for (const call of calls.slice(0, at)) disk.play(call);
      disk.leave(seededRandom(seed + at));
      try {
        await judge(scene);
      } catch (error) {
        const last = calls[at - 1];
        const where = `cut (${names}) after call ${at} (${last?.call} ${last?.path} ${last?.second})`;
        problems.push(`${where}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    figure(
      "power cuts",
      `${name}, names by ${forced ?? "turns"}: ${cuts} cuts (of ${calls.length} moments), ${problems.length} bad`,
    );
    expect(problems).toEqual([]);
  },
  LONGEST_MS,
);
