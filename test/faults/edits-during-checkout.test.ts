/**
 * A person who edits while lull checks out (reliability.md, F15 and figure 6): lull stands still right before some of
 * its calls, a file is edited there, and lull goes on. Every edit must be kept. And a hostile person, or program, who
 * swaps a folder for a link that leads out of the work tree: nothing is written outside.
 */
import { expect, test } from "bun:test";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

import { expectConverged } from "../helpers/device.ts";
import type { Random } from "../helpers/random.ts";
import { cannotRun } from "../helpers/skip.ts";
import { treeSnapshot } from "../helpers/tree-snapshot.ts";
import { blobOid, expectKept, run } from "./oracle.ts";
import {
  caseCount,
  figure,
  isChosen,
  isLong,
  type SceneName,
  SCENES as ALL_SCENES,
  seed,
  seeded,
  spread,
} from "./options.ts";
import { makeScene, type Scene } from "./scene.ts";
import { runTraced, type TracedCall, tracerHindrance } from "./tracer.ts";

const hindrance = tracerHindrance();
const traced = test.skipIf(cannotRun(hindrance !== undefined, `edits during a checkout: ${hindrance}`));
const LONGEST_MS = isLong ? 7_200_000 : 600_000;
const SCENES = (["pull", "merge", "conflict"] satisfies SceneName[]).filter(isChosen);
/** Paths that the other device changed, added or removed, and one that it left alone. */
const EDITED = [
  "shared.md",
  "plain.md",
  "photo.raw",
  "new/from-witness.md",
  "gone.md",
  "swap/inner.md",
  "bin/run.sh",
  "deep/er/note.md",
];
const FOLDERS = ["bin", "new", "swap", "deep"];
const EDITS_A_RUN = 6;

type Edit = { readonly text: string; readonly path: string; readonly during: TracedCall };

traced.each(SCENES)(
  "%s: what a person writes while lull checks out is kept",
  async (name) => {
    const scene = await makeScene(name);
    const random = seeded(ALL_SCENES.indexOf(name));
    const calls = await callCount(scene);
    const problems: string[] = [];
    let made = 0;
    const wanted = caseCount(6, 334);
    for (let round = 0; made < wanted; round++) {
      if (round > wanted) throw new Error("next to none of the edits finds its place");
      scene.reset();
      const edits: Edit[] = [];
      /** What the person wrote over themselves; it may have been in no commit yet. */
      const given = new Set<string>();
      const numbers = Array.from({ length: calls }, (_, index) => index + 1);
      const orders = spread(numbers, EDITS_A_RUN, random).map((at) => ({ at, act: "pause" as const }));
      const onPause = (during: TracedCall): void => {
        const edit = {
          text: `edit ${round}.${edits.length} of ${seed}\n`,
          path: random.pick(EDITED),
          during,
        };
        const place = join(scene.victim.notes, edit.path);
        if (existsSync(place) && lstatSync(place).isFile()) given.add(blobOid(readFileSync(place)));
        if (write(scene, edit, random)) edits.push(edit);
      };
      const traced = await runTraced(scene.victim, scene.command, { under: scene.under, orders, onPause });
      made += edits.length;
      // An edit on top of an edit is the person's own doing.
      const last = edits.filter(
        (edit, index) => !edits.slice(index + 1).some(({ path }) => path === edit.path),
      );
      try {
        const others = scene.precious.filter((content) => !given.has(blobOid(content)));
        const precious = last.map(({ text }) => text);
        expectKept({ ...scene, precious });
        await settle(scene);
        expectKept({ ...scene, precious: [...precious, ...others] });
      } catch (error) {
        const story = edits.map(
          ({ path, during }) => `${path} at ${during.number} ${during.call} ${during.paths.join(" ")}`,
        );
        problems.push(`round ${round} (exit ${traced.code}): ${String(error)}\n  ${story.join("\n  ")}`);
      }
    }
    figure("edits during checkout", `${name}: ${made} edits, ${problems.length} runs bad`);
    expect(problems).toEqual([]);
    expect(made).toBeGreaterThan(0);
  },
  LONGEST_MS,
);

traced(
  "a folder that becomes a link out of the work tree meanwhile lets nothing be written outside",
  async () => {
    const scene = await makeScene("pull");
    const random = seeded(9);
    const calls = await callCount(scene);
    const outside = join(scene.victim.outside, "precious");
    const problems: string[] = [];
    const rounds = caseCount(3, 100);
    const numbers = Array.from({ length: calls }, (_, index) => index + 1);
    for (const [race, at] of spread(numbers, rounds, random).entries()) {
      scene.reset();
      rmSync(outside, { recursive: true, force: true });
      for (const path of EDITED) {
        mkdirSync(dirname(join(outside, path)), { recursive: true });
        writeFileSync(join(outside, path), "not yours\n");
      }
      for (const path of ["inner.md", "run.sh", "from-witness.md", "er"])
        writeFileSync(join(outside, path), "not yours\n");
      const before = treeSnapshot(outside, { exactModes: true });
      let folder = random.pick(FOLDERS);
      const onPause = ({ paths }: TracedCall): void => {
        // Half of them where it hurts most: above the very file that is about to be touched.
        const above = FOLDERS.find((name) =>
          paths.some((path) => path.startsWith(`${scene.victim.notes}/${name}/`)),
        );
        if (above !== undefined && random.chance(0.5)) folder = above;
        const place = join(scene.victim.notes, folder);
        if (existsSync(place)) renameSync(place, join(scene.victim.outside, `moved-${race}`));
        symlinkSync(outside, place);
      };
      await runTraced(scene.victim, scene.command, {
        under: scene.under,
        orders: [{ at, act: "pause" }],
        onPause,
      });
      const after = treeSnapshot(outside, { exactModes: true });
      if (!Bun.deepEquals(before, after)) problems.push(`${folder} swapped at call ${at}`);
    }
    figure("symlink races", `${rounds} races, ${problems.length} wrote outside`);
    expect(problems).toEqual([]);
  },
  LONGEST_MS,
);

async function callCount(scene: Scene): Promise<number> {
  scene.reset();
  return (await runTraced(scene.victim, scene.command, { under: scene.under })).calls;
}

/** As editors do it: in place, or by a new file that takes the name. False where there is no place for it now. */
function write({ victim }: Scene, { path, text }: Edit, random: Random): boolean {
  const target = join(victim.notes, path);
  try {
    mkdirSync(dirname(target), { recursive: true });
    if (random.chance(0.5)) writeFileSync(target, text);
    else {
      writeFileSync(join(victim.outside, "new"), text);
      renameSync(join(victim.outside, "new"), target);
    }
    return true;
  } catch {
    return false;
  }
}

async function settle({ victim, witness, remote }: Scene): Promise<void> {
  for (const device of [victim, witness, victim]) await run(device, ["sync"], [0, 5]);
  expectConverged([victim, witness], [remote]);
  const left = readdirSync(join(victim.notes, ".git")).filter((name) => name.endsWith(".lock"));
  expect(left).toEqual([]);
}
