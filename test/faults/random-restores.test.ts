/**
 * Random restores into a home that somebody works in: whatever stood there is in the home, in the history or in a
 * savepoint afterwards; what was restored is as the repository has it; and an undo brings all of it back, to the last
 * permission.
 */
import { expect, test } from "bun:test";
import { lstatSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

import type { Random } from "../helpers/random.ts";
import { settingsHome, type SettingsHome } from "../helpers/settings-home.ts";
import { benchRemote } from "../helpers/sync-bench.ts";
import { fsck, git } from "../helpers/system-git.ts";
import { treeSnapshot, type TreeSnapshot } from "../helpers/tree-snapshot.ts";
import { blobOid } from "./oracle.ts";
import { caseCount, figure, isLong, seed, seeded } from "./options.ts";
import { editOnce, makeKeepers } from "./random-edits.ts";

const LONGEST_MS = isLong ? 7_200_000 : 600_000;
/** Of one home; then a new one is taken, or its history would be what the time goes into. */
const RESTORES_OF_A_HOME = 25;

test(
  "what stood in a home before a restore is never lost",
  async () => {
    const wanted = caseCount(25, 500);
    let restored = 0;
    let files = 0;
    let undone = 0;
    for (let homes = 0; restored < wanted; homes++) {
      const random = seeded(100 * homes);
      const at = settingsHome({
        device: "laptop",
        remote: benchRemote(),
        files: ["~/work/"],
        mode: random.chance(0.5) ? "backup" : "two-way",
        more: ["guards: { deletions: false, changes: false }"],
      });
      const work = join(at.home, "work");
      makeKeepers(work);
      for (let index = 0; index < RESTORES_OF_A_HOME && restored < wanted; index++, restored++) {
        const where = `home ${homes}, restore ${index}, seed ${seed}`;
        for (let edits = random.below(12); edits > 0; edits--)
          editOnce(work, random, `${homes}.${index}.${edits}`);
        if (index === 0 || random.chance(0.5))
          expect({ where, ...(await at.sync()) }).toMatchObject({ error: undefined });
        for (let edits = random.below(6); edits > 0; edits--)
          editOnce(work, random, `${homes}.${index}.dirty.${edits}`);
        const before = treeSnapshot(work, { exactModes: true });
        const contents = contentsOf(work, before);
        const done = await at.restore(what(random), moment(at, random)).catch((error: unknown) => {
          // A folder that is not in that state.
          expect(String(error)).toContain("holds nothing of");
          return undefined;
        });
        files += done?.files.length ?? 0;
        // A folder in the place of a file, or the other way round, is for a person to move.
        const refused = (done?.refused ?? []).filter(
          ({ path, reason }) =>
            !/swap-/.test(path) || !/ stands (?:in its place|where its folder)/.test(reason),
        );
        expect({ where, refused }).toEqual({ where, refused: [] });
        expect({ where, lost: lostOf(at, contents) }).toEqual({ where, lost: [] });
        if (done === undefined || done.files.length === 0 || random.chance(0.5)) continue;
        await at.undo();
        undone++;
        expect({ where, tree: treeSnapshot(work, { exactModes: true }) }).toEqual({
          where,
          tree: before,
        });
      }
      fsck(at.managed);
    }
    figure("random restores", `${restored} restores of ${files} files, ${undone} undone; none lost`);
  },
  LONGEST_MS,
);

/** Everything, a folder, or a file. */
function what(random: Random): readonly string[] {
  return random.pick([[], [], ["~/work/notes"], ["~/work/bin", "~/work/notes/deep"], ["~/work/a.md"]]);
}

/** As it is now, or as it was. */
function moment(at: SettingsHome, random: Random): { readonly at?: string } {
  const commits = git(at.managed, "rev-list", "--first-parent", "HEAD").split("\n");
  return random.chance(0.4) ? {} : { at: random.pick(commits) };
}

type Kept = { readonly path: string; readonly oid: string };

function contentsOf(root: string, tree: TreeSnapshot): readonly Kept[] {
  return Object.keys(tree).flatMap((path) => {
    const place = Buffer.concat([Buffer.from(`${root}/`), Buffer.from(path, "latin1")]);
    const stat = lstatSync(place);
    if (stat.isSymbolicLink()) return [{ path, oid: blobOid(readlinkSync(place, "buffer")) }];
    return stat.isFile() ? [{ path, oid: blobOid(readFileSync(place)) }] : [];
  });
}

function lostOf(at: SettingsHome, contents: readonly Kept[]): readonly string[] {
  const work = join(at.home, "work");
  const here = new Set(contentsOf(work, treeSnapshot(work)).map(({ oid }) => oid));
  const kept = new Set(git(at.managed, "rev-list", "--all", "--objects", "--no-object-names").split("\n"));
  return contents.filter(({ oid }) => !here.has(oid) && !kept.has(oid)).map(({ path }) => path);
}
