/** `kill -9` in the middle of a resolve: either nothing is decided yet, or it stands; the edits are kept in both cases. */
import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";

import { cannotRun } from "../helpers/skip.ts";
import { killSweep } from "./kill-sweep.ts";
import { figure, isLong, SCENES } from "./options.ts";
import { arrange, type Prepare } from "./scene.ts";
import { tracerHindrance } from "./tracer.ts";

const hindrance = tracerHindrance();
const traced = test.skipIf(cannotRun(hindrance !== undefined, `kill points of a resolve: ${hindrance}`));

/** The victim has met a conflict, gone on with its copy, and wants that to have the name. */
const prepare: Prepare = async (victim, witness, remote) => {
  const base = { "plan.md": "base\n", "other.md": "other\n" };
  for (const [path, content] of Object.entries(base)) witness.write(path, content);
  for (const device of [witness, victim]) {
    await device.lull(["add", "notes", "--remote", remote]);
    await device.lull(["sync"]);
  }
  const [theirs, mine, later, unconcerned] = [
    "by the witness\n",
    "mine\n",
    "mine, later\n",
    "not committed\n",
  ];
  witness.write("plan.md", theirs);
  await witness.lull(["sync"]);
  victim.write("plan.md", mine);
  await victim.lull(["sync"], 5);
  await witness.lull(["sync"]);
  const copy = readdirSync(victim.notes).find((name) => name.startsWith("plan.conflict-")) ?? "no copy";
  victim.write(copy, later);
  victim.write("own.md", unconcerned);
  return {
    command: ["resolve", "plan.md", "--keep", "local"],
    // Killed at the very end it has been decided.
    again: [2],
    precious: [...Object.values(base), theirs, mine, later, unconcerned],
    files: { ...base, "plan.md": later, "own.md": unconcerned, [copy]: null },
  };
};

traced(
  "a resolve, killed at a call that changes a file, loses nothing and can be asked for again",
  async () => {
    const scene = await arrange("resolve", prepare);
    const { killed, tried, points, problems } = await killSweep(scene, { offset: SCENES.length, short: 1 });
    figure(
      "kill points of a resolve",
      `${killed} of ${tried} killed (of ${points} points), ${problems.length} bad`,
    );
    expect(problems).toEqual([]);
    expect(killed).toBeGreaterThanOrEqual(tried / 2);
  },
  isLong ? 7_200_000 : 600_000,
);
