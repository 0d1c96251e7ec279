import { lstatSync } from "node:fs";

import type { Clock } from "../../base/clock.ts";
import { formatDuration } from "../../base/duration.ts";
import { readJournal } from "../checkout/journal.ts";
import { sweepTemporaryFiles } from "../maintenance/sweep-temporary-files.ts";
import { commonDirectory } from "../refs/common-directory.ts";
import { isAbandonedLock } from "../refs/lock-marks.ts";
import { looseRefNames } from "../refs/ref-store.ts";
import { refPath } from "../refs/ref-name.ts";
import { shortRef } from "../model.ts";
import { list } from "./attempt.ts";
import { type Finding, finding } from "./verify-result.ts";

/** A git command holds its locks for moments; what is older was left, or belongs to a long one. */
const OLD_MS = 60_000;

/** What was begun and not ended, by lull or by git. None of it is damage, and nothing is removed here. */
export function checkLeftovers(gitDirectory: string, clock: Clock): readonly Finding[] {
  const common = commonDirectory(gitDirectory);
  return [
    ...journalNote(gitDirectory),
    ...lockNames(gitDirectory).flatMap((name) => lockNote(gitDirectory, name, clock)),
    ...temporaryNote(common, clock),
    ...damagedNote(common),
  ];
}

function journalNote(gitDirectory: string): Finding[] {
  const journal = readJournal(gitDirectory);
  if (journal === undefined) return [];
  return [
    note({
      code: "JOURNAL",
      where: "lull/checkout.json",
      what: `a checkout of ${shortRef(journal.branch)} was cut off`,
      meaning: "some files may be of the new state and some of the old one; lull knows which are its own",
      mend: "the next sync ends it",
    }),
  ];
}

function lockNames(gitDirectory: string): string[] {
  const refs = looseRefNames(gitDirectory, "refs").filter((name) => name.endsWith(".lock"));
  return ["index.lock", "HEAD.lock", "packed-refs.lock", "config.lock", ...refs];
}

function lockNote(gitDirectory: string, name: string, clock: Clock): Finding[] {
  const path = refPath(gitDirectory, name);
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return [];
  if (isAbandonedLock(gitDirectory, path))
    return [
      note({
        code: "LOCK",
        where: name,
        what: "a lull that was killed left it",
        mend: "whoever needs it next takes it away",
      }),
    ];
  const age = clock.now() - stat.mtimeMs;
  if (age < OLD_MS) return [];
  return [
    note({
      code: "LOCK",
      where: name,
      what: `another program holds it since ${formatDuration(age)}`,
      meaning: "as long as it is there, neither git nor lull can write here",
      mend: `if no git command is running: rm ${path.toString()}`,
    }),
  ];
}

function temporaryNote(common: string, clock: Clock): Finding[] {
  const stale = sweepTemporaryFiles(common, clock, true);
  if (stale === 0) return [];
  return [
    note({
      code: "LEFTOVERS",
      where: "lull/tmp, objects",
      what: `${stale === 1 ? "one file is" : `${stale} files are`} left of what was cut off`,
      mend: "lull maintain",
    }),
  ];
}

/** Where repairs have put what was damaged; people may want the room back. */
export const SET_ASIDE = "lull/damaged";

function damagedNote(common: string): Finding[] {
  const kept = list(`${common}/${SET_ASIDE}`);
  if (kept.length === 0) return [];
  return [
    note({
      code: "LEFTOVERS",
      where: SET_ASIDE,
      what: `${kept.length === 1 ? "an earlier repair" : `${kept.length} earlier repairs`} put aside here what was damaged`,
      mend: "nobody needs it any more once all is sound; it can be deleted",
    }),
  ];
}

function note(init: Omit<Parameters<typeof finding>[0], "part" | "gravity">): Finding {
  return finding({ part: "leftover", gravity: "note", ...init });
}
