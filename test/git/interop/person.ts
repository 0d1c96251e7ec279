/** A person who works with system git in a folder, command after command, at random from a seed. */
import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";

import type { Random } from "../../helpers/random.ts";
import { gitEnvironment } from "../../helpers/system-git.ts";

/** What git says when somebody else is at work here in this moment: the person tries again later. */
const BUSY =
  /\.lock': File exists|index\.lock|cannot lock ref|Another git process|could not lock|stash failed|unable to lock|failed to lock/i;

/** What git says for reasons of its own, with or without lull beside it. */
const USUAL =
  /nothing to commit|nothing added to commit|no changes added|nothing to amend|would make\s+it empty|CONFLICT|conflict|would be overwritten|unmerged|No stash entries|No local changes|already exists|unstaged changes|uncommitted changes|did not match any file|bad source|bad revision|invalid upstream|kept in case you need it|into itself|not something we can merge|not under version control|has staged content|local modifications|staged in the index|previous cherry-pick is now empty|is not possible|Could not restore untracked|could not write index|needs merge|Cannot fast-forward|note already|Found existing notes|destination exists|ambiguous argument|Cannot do a .* reset in the middle|unknown revision|Cannot save the current index state|mainline was specified|is a merge but no -m|Needed a single revision/i;

export type PersonReport = {
  commands: number;
  /** Commands that git refused because lull held a lock at that moment, or had just moved the branch. */
  busy: number;
  refused: number;
  /** What git said that nobody expects. */
  readonly strange: string[];
  /** Each stands for one line that was written, and must be found again. */
  readonly written: string[];
  /** What they did, in order, each with its time. */
  readonly journal: string[];
  /** Every commit that HEAD was on after a command. */
  readonly commits: Set<string>;
};

type Action = readonly [weight: number, act: () => void];

export class Person {
  readonly report: PersonReport = {
    commands: 0,
    busy: 0,
    refused: 0,
    strange: [],
    written: [],
    journal: [],
    commits: new Set(),
  };
  readonly #folder: string;
  readonly #random: Random;
  readonly #deck: readonly (() => void)[];
  #branches = 0;

  constructor(folder: string, random: Random) {
    this.#folder = folder;
    this.#random = random;
    this.#deck = this.#actions().flatMap(([weight, act]) => Array<() => void>(weight).fill(act));
  }

  /** One thing that a person does: an edit, then one command or a few that belong together. */
  act(): void {
    this.#random.pick(this.#deck)();
    this.leaveOperations();
  }

  /** Gives up whatever stopped in the middle, until git lets it be given up. */
  leaveOperations(): void {
    for (const [mark, ...command] of [
      ["rebase-merge", "rebase", "--abort"],
      ["rebase-apply", "rebase", "--abort"],
      ["MERGE_HEAD", "merge", "--abort"],
      ["CHERRY_PICK_HEAD", "cherry-pick", "--abort"],
      ["REVERT_HEAD", "revert", "--abort"],
    ] as const) {
      for (let attempt = 0; attempt < 50 && existsSync(join(this.#folder, ".git", mark)); attempt++)
        this.git(...command);
    }
  }

  /** Runs one command; whatever git says is told apart into fine, busy, usual and strange. */
  git(...args: readonly string[]): boolean {
    this.report.commands++;
    const run = spawnSync("git", ["-c", "advice.detachedHead=false", ...args], {
      cwd: this.#folder,
      env: environment(),
    });
    this.#note(`git ${args.join(" ")}: ${run.status}`);
    const said = `${run.stdout.toString("utf8")}${run.stderr.toString("utf8")}`;
    if (run.status === 0) this.#noteHead();
    else if (BUSY.test(said)) this.report.busy++;
    // `git stash` says nothing when it finds the index locked, `git diff --quiet` when there is a difference.
    else if (USUAL.test(said) || said === "") this.report.refused++;
    else this.report.strange.push(`git ${args.join(" ")} ended with ${run.status}: ${said.slice(0, 500)}`);
    if (/\b(?:corrupt|bad object|unable to read|missing blob|broken)/i.test(said))
      this.report.strange.push(`git ${args.join(" ")}: ${said.slice(0, 500)}`);
    return run.status === 0;
  }

  /** Appends one line that nobody else writes to a file; the folder's name says that it may be moved and removed. */
  edit(path = `notes/${this.#random.below(12)}.md`): void {
    const line = `person-${this.report.written.length}-`;
    mkdirSync(join(this.#folder, path, ".."), { recursive: true });
    appendFileSync(join(this.#folder, path), `${line}\n`);
    this.report.written.push(line);
    this.#note(`${line} into ${path}`);
  }

  #actions(): readonly Action[] {
    const number = (): number => this.#random.below(1_000_000);
    const branch = (): string =>
      this.#random.chance(0.5) ? "main" : `b${this.#random.below(this.#branches + 1)}`;
    const loose = (): string => `loose/${this.#random.below(8)}.md`;
    return [
      [14, () => (this.edit(), this.git("commit", "-q", "-am", `edit ${number()}`))],
      [
        8,
        () => (
          this.edit(`notes/new-${number()}.md`),
          this.git("add", "-A"),
          this.git("commit", "-qm", "new")
        ),
      ],
      [6, () => (this.edit(), this.git("add", "notes"))],
      [6, () => this.edit()],
      [5, () => (this.edit(loose()), this.git("add", "."), this.git("commit", "-qm", "loose"))],
      [3, () => this.git("mv", loose(), loose())],
      [3, () => this.git("rm", "-q", loose())],
      [4, () => this.#amend(number())],
      [3, () => this.git("branch", `b${this.#branches++}`)],
      [3, () => this.git("checkout", "-q", "-b", `b${this.#branches++}`)],
      [10, () => this.git("checkout", "-q", branch())],
      [5, () => this.#merge(branch())],
      [3, () => this.git("rebase", "-q", branch())],
      [3, () => this.git("cherry-pick", branch())],
      [2, () => this.#revert(number())],
      [5, () => (this.edit(), this.git("stash", "push", "-q", "-u"))],
      [5, () => this.#pop()],
      [2, () => this.git("tag", `v${number()}`)],
      [1, () => this.git("tag", "-a", "-m", "annotated", `a${number()}`)],
      [2, () => this.git("reset", "-q", "--soft", "HEAD~1")],
      [2, () => this.git("reset", "-q", "--mixed", "HEAD~1")],
      [3, () => this.git("config", "lull.test", String(number()))],
      [4, () => this.git("status", "--porcelain")],
      [2, () => this.git("notes", "add", "-f", "-m", String(number()))],
      [1, () => this.git("gc", "-q")],
      [1, () => this.git("pack-refs", "--all")],
      [1, () => this.git("repack", "-Adq")],
    ];
  }

  /** Never the first commit of all: what grew on it would be unrelated to what grows on the new one. */
  #amend(number: number): void {
    this.edit();
    if (this.git("rev-parse", "--verify", "HEAD~1"))
      this.git("commit", "-q", "-a", "--amend", "-m", `amend ${number}`);
  }

  /**
   * Only when all is committed, as git alone loses what is not (2.39.5, no lull anywhere): a merge that it cannot carry
   * out, such as over an untracked file, ends in `stash create`, `read-tree --reset -u`, `stash apply`; when another
   * process holds `index.lock` at the third, it says "Merge with strategy ort failed", ends with 2, and the edits are in
   * no file and no stash list any more, only in a commit that nothing names (builtin/merge.c, restore_state, does not
   * look at the result). Shown with a wrapper around the `git` in GIT_EXEC_PATH that makes the lock for 300 ms.
   */
  #merge(branch: string): void {
    if (this.git("diff", "--quiet", "HEAD")) this.git("merge", "-q", "-m", "merge", branch);
  }

  /** Only what they committed themselves: the first commit of all holds everything. */
  #revert(number: number): void {
    this.edit();
    if (this.git("commit", "-q", "-am", `to be reverted ${number}`)) this.git("revert", "--no-edit", "HEAD");
  }

  /** A stash that does not fit stays in git's list; the person takes what came out as it is. */
  #pop(): void {
    if (!this.git("stash", "pop", "-q")) {
      this.git("add", "-A");
      this.git("commit", "-qm", "stash that did not fit");
    }
  }

  #note(text: string): void {
    this.report.journal.push(`${new Date().toISOString().slice(14, 23)} ${text}`);
  }

  #noteHead(): void {
    const run = spawnSync("git", ["rev-parse", "-q", "--verify", "HEAD"], {
      cwd: this.#folder,
      env: gitEnvironment(),
    });
    if (run.status === 0) this.report.commits.add(run.stdout.toString("latin1").trim());
  }
}

/** With the time of now: `git gc` would else expire the reflog of these commits. */
function environment(): Record<string, string> {
  const now = `@${Math.floor(Date.now() / 1000)} +0000`;
  const dates = { GIT_AUTHOR_DATE: now, GIT_COMMITTER_DATE: now };
  return gitEnvironment({ GIT_EDITOR: "true", GIT_MERGE_AUTOEDIT: "no", ...dates });
}
