/**
 * `kill -9` at every call that changes a file, in six scenarios (reliability.md, F1 and figure 1). The short form takes a
 * sample. `LULL_FAULTS_SCENE=pull LULL_FAULTS_AT=17:half` repeats one point.
 */
import { expect, test } from "bun:test";

import { cannotRun } from "../helpers/skip.ts";
import { killSweep } from "./kill-sweep.ts";
import { figure, isChosen, isLong, SCENES } from "./options.ts";
import { makeScene } from "./scene.ts";
import { tracerHindrance } from "./tracer.ts";

const hindrance = tracerHindrance();
const traced = test.skipIf(cannotRun(hindrance !== undefined, `kill points: ${hindrance}`));
const LONGEST_MS = isLong ? 7_200_000 : 600_000;

const chosen = SCENES.filter(isChosen);

traced.each(chosen)(
  "%s, killed at a call that changes a file, loses nothing and needs no hand",
  async (name) => {
    const scene = await makeScene(name);
    const { killed, tried, points, problems } = await killSweep(scene, { offset: SCENES.indexOf(name) });
    figure(
      "kill points",
      `${name}: ${killed} of ${tried} killed (of ${points} points), ${problems.length} bad`,
    );
    expect(problems).toEqual([]);
    // The count differs a little from run to run: names that are random, threads that share the work.
    expect(killed).toBeGreaterThan(tried / 2);
  },
  LONGEST_MS,
);
