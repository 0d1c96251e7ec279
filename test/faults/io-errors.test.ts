/**
 * A disk that is full, fails, or may not be written any more, from some call of a sync on (reliability.md, F3 and figure
 * 2). The run may end as it likes, but in words; nothing is lost, and once the disk is well again the next sync needs no
 * hand. `LULL_FAULTS_SCENE=pull LULL_FAULTS_AT=17:ENOSPC` repeats one.
 */
import { expect, test } from "bun:test";
import { constants } from "node:os";

import { cannotRun } from "../helpers/skip.ts";
import { judge } from "./oracle.ts";
import { caseCount, figure, isChosen, isLong, SCENES, seeded, spread } from "./options.ts";
import { makeScene, type Scene } from "./scene.ts";
import { runTraced, tracerHindrance } from "./tracer.ts";

const hindrance = tracerHindrance();
const traced = test.skipIf(cannotRun(hindrance !== undefined, `disk errors: ${hindrance}`));
const LONGEST_MS = isLong ? 7_200_000 : 600_000;

const FAULTS = {
  /** The disk stays full. */
  ENOSPC: { onward: true, reads: false, short: 1, long: 64 },
  /** One call fails. */
  EIO: { onward: false, reads: false, short: 1, long: 20 },
  /** The system made it read-only, as ext4 does after an error. */
  EROFS: { onward: true, reads: false, short: 1, long: 10 },
  /** No file can be opened any more for a moment. */
  EMFILE: { onward: false, reads: true, short: 1, long: 20 },
} as const;
type Fault = keyof typeof FAULTS;

const [onlyAt, onlyFault] = (process.env["LULL_FAULTS_AT"] ?? "").split(":");
const chosen = SCENES.filter(isChosen);
const faults = (Object.keys(FAULTS) as Fault[]).filter((fault) => (onlyFault ?? fault) === fault);
/** What lull promises to end with: never a signal, never a crash. */
const ENDS = [0, 1, 3, 4, 5, 6, 7, 8];

traced.each(chosen)(
  "%s, on a disk that fails, loses nothing and needs no hand afterwards",
  async (name) => {
    const scene = await makeScene(name);
    const problems: string[] = [];
    /** How many calls there are, without and with those that read. */
    const counted = new Map<boolean, number>();
    for (const fault of faults) {
      const { onward, reads, short, long } = FAULTS[fault];
      const { under } = scene;
      const calls = counted.get(reads) ?? (await callCount(scene, reads));
      counted.set(reads, calls);
      const all = Array.from({ length: calls }, (_, index) => index + 1);
      const sample = spread(all, caseCount(short, long), seeded(SCENES.indexOf(name)));
      let failed = 0;
      let bad = 0;
      for (const at of onlyFault === undefined ? sample : [Number(onlyAt)]) {
        scene.reset();
        const orders = [{ at, act: constants.errno[fault], onward }];
        const run = await runTraced(scene.victim, scene.command, { under, reads, orders });
        if (run.code !== 0) failed++;
        try {
          if (!ENDS.includes(run.code) || /\bat .*\/src\/|Bug|unexpected/i.test(run.output))
            throw new Error(`ended with ${run.code}: ${run.output}`);
          await judge(scene);
        } catch (error) {
          bad++;
          const where = `${fault} at call ${at} (${run.acted?.call} ${run.acted?.paths.join(" → ")}), exit ${run.code}`;
          problems.push(`${where}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
      figure("disk errors", `${name}: ${fault} at ${sample.length} calls, ${failed} runs failed, ${bad} bad`);
    }
    expect(problems).toEqual([]);
  },
  LONGEST_MS,
);

async function callCount(scene: Scene, reads: boolean): Promise<number> {
  scene.reset();
  return (await runTraced(scene.victim, scene.command, { under: scene.under, reads })).calls;
}
