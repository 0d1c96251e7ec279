/** The operations of a day with one dataset, each with the state that it starts from. */
import { appendFileSync } from "node:fs";
import { dirname } from "node:path";

import { runCommand } from "../measure.ts";
import type { Dataset } from "./dataset.ts";
import type { Goal, Operation } from "./operation.ts";
import type { BenchPlace, Side } from "./place.ts";

export type Goals = Readonly<Record<string, Goal>>;

const SIDES: readonly Side[] = ["git", "lull"];
const COMMIT_ALL = "git add -A && git commit -qm change";
const CLONE = "git clone -q";

type Step = { readonly place: BenchPlace; readonly dataset: Dataset; readonly goals: Goals };

/**
 * Each is made when the one before is measured, because it starts from what that left behind: work trees
 * `<side>-work` with their remotes `<side>-remote.git`.
 */
export function* operations(place: BenchPlace, dataset: Dataset, goals: Goals): Generator<Operation> {
  const step = { place, dataset, goals };
  place.writeDataset(dataset, "tree");
  yield firstCommit(step);
  yield firstPush(step);
  place.remove("tree");
  yield clone(step);
  yield onePercentCommit(step);
  yield onePercentCommitWarm(step);
  yield onePercentPush(step);
  yield onePercentPull(step);
  yield mergePull(step);
}

function firstCommit({ place, goals }: Step): Operation {
  const fresh = (side: Side) => () => {
    place.copy("tree", `${side}-work`);
    runCommand(place.git(`${side}-work`, "git init -q -b main"));
  };
  return {
    name: "first add + commit",
    goal: goals["first add + commit"],
    git: { ...place.git("git-work", COMMIT_ALL), before: fresh("git") },
    lull: { ...place.lull("commit", place.path("lull-work")), before: fresh("lull") },
  };
}

function firstPush({ place, dataset, goals }: Step): Operation {
  const name = (side: Side): string => `${side}-remote.git`;
  return {
    name: "first push",
    goal: goals["first push"],
    // Of noise: more than a minute each for git alone.
    ...(dataset.isNoise ? { runs: 1 } : {}),
    git: {
      ...place.git("git-work", `git push -q ${place.url(name("git"))} main`),
      before: () => place.initBare(name("git")),
    },
    lull: {
      ...place.lull("push", place.path("lull-work"), place.url(name("lull"))),
      before: () => place.initBare(name("lull")),
    },
  };
}

function clone({ place, goals }: Step): Operation {
  const url = place.url("git-remote.git");
  return {
    name: "clone",
    goal: goals["clone"],
    git: { ...place.git(".", `${CLONE} ${url} git-clone`), before: () => place.remove("git-clone") },
    lull: {
      ...place.lull("clone", place.path("lull-clone"), url),
      before: () => place.remove("lull-clone"),
    },
  };
}

function onePercentCommit({ place, dataset, goals }: Step): Operation {
  const change = (side: Side) => () => place.change(dataset, `${side}-work`);
  return {
    name: "1 % changed: add + commit",
    goal: goals["1 % commit"],
    git: { ...place.git("git-work", COMMIT_ALL), before: change("git") },
    lull: { ...place.lull("commit", place.path("lull-work")), before: change("lull") },
  };
}

/**
 * A process that runs for months has compiled what it does all the time: it is measured after so many rounds, of
 * looking and of committing.
 */
export const WARM_ROUNDS = { look: 40, commit: 15 } as const;

/** As the daemon's worker does it, which stays for the next changes. */
function onePercentCommitWarm({ place, dataset, goals }: Step): Operation {
  const change = (side: Side) => () => place.change(dataset, `${side}-work`);
  const warm = place.warm(place.path("lull-work"));
  return {
    name: "1 % changed: add + commit, same process",
    goal: goals["1 % commit"],
    warmUp: WARM_ROUNDS.commit,
    git: { ...place.git("git-work", COMMIT_ALL), before: change("git") },
    lull: { name: "lull", once: () => warm.ask("commit"), peak: () => warm.peak(), before: change("lull") },
  };
}

/** Each side pushes what it has committed itself. */
function onePercentPush({ place, dataset, goals }: Step): Operation {
  for (const side of SIDES) push(place, dataset, side);
  const commit = (side: Side) => () => {
    place.change(dataset, `${side}-work`);
    const work = place.path(`${side}-work`);
    runCommand(side === "git" ? place.git("git-work", COMMIT_ALL) : place.lull("commit", work));
  };
  return {
    name: "push of 1 %",
    goal: goals["1 % push"],
    git: {
      ...place.git("git-work", `git push -q ${place.url("git-remote.git")} main`),
      before: commit("git"),
    },
    lull: {
      ...place.lull("push", place.path("lull-work"), place.url("lull-remote.git")),
      before: commit("lull"),
    },
  };
}

/** Both pull into clones that git made, from what git pushed. */
function onePercentPull(step: Step): Operation {
  const { place, dataset, goals } = step;
  for (const side of SIDES) {
    push(place, dataset, side);
    cloneAside(place, dataset, side);
  }
  return {
    name: "fetch + fast-forward of 1 %",
    goal: goals["1 % pull"],
    git: { ...place.git("git-clone", "git pull -q --ff"), before: () => publish(step, "git") },
    lull: {
      ...place.lull("pull", place.path("lull-clone"), place.url("lull-remote.git")),
      before: () => publish(step, "lull"),
    },
  };
}

/** Both sides changed one file in a hundred, other files on each side. */
function mergePull(step: Step): Operation {
  const { place, dataset, goals } = step;
  const diverge = (side: Side) => () => {
    runCommand(place.git(`${side}-clone`, "git fetch -q && git reset -q --hard @{upstream}"));
    publish(step, side);
    place.append(dataset, `${side}-clone`);
    runCommand(place.git(`${side}-clone`, "git commit -qam here"));
  };
  return {
    name: dataset.files < 100 ? "fetch + merge" : "fetch + merge of 1 % on both sides",
    goal: goals["1 % merge"],
    git: { ...place.git("git-clone", "git pull -q --no-rebase --no-edit"), before: diverge("git") },
    lull: {
      ...place.lull("pull", place.path("lull-clone"), place.url("lull-remote.git")),
      before: diverge("lull"),
    },
  };
}

/** Looks at a tree in which nothing, or next to nothing, changed; the clones stand clean and in step. */
export function* looking(
  place: BenchPlace,
  dataset: Dataset,
  goals: Goals,
  binary: string,
): Generator<Operation> {
  for (const side of SIDES) runCommand(place.git(`${side}-clone`, "git reset -q --hard && git status"));
  const url = place.url("lull-remote.git");
  const repository = place.path("lull-clone");
  const status = place.git("git-clone", "git status --porcelain");
  runCommand({ ...place.lull(), argv: [binary, "add", repository, "--remote", url] });
  const warm = place.warm(repository, url);
  const peak = (): Promise<number> => warm.peak();
  yield {
    name: "status, new process (`lull status`)",
    goal: goals["status"],
    git: status,
    lull: { ...place.lull(), argv: [binary, "status", "--quiet"] },
  };
  yield {
    name: "scan alone, new process",
    git: status,
    lull: place.lull("status", repository),
  };
  yield {
    name: "status, same process",
    goal: goals["warm status"],
    warmUp: WARM_ROUNDS.look,
    git: status,
    lull: { name: "lull", once: () => warm.ask("scan"), peak },
  };
  const changed = dataset.paths[0] ?? "";
  const touch = (side: Side) => (): void => touchOne(place.path(`${side}-clone`, changed));
  yield {
    name: "status, same process, folder named by the watcher",
    goal: goals["hinted status"],
    warmUp: WARM_ROUNDS.look,
    git: { ...status, before: touch("git") },
    lull: { name: "lull", once: () => warm.ask(`hinted ${dirname(changed)}`), peak, before: touch("lull") },
  };
  for (const side of SIDES) runCommand(place.git(`${side}-clone`, "git reset -q --hard && git status"));
  yield {
    name: "whole cycle without news: scan + ls-refs, same process",
    goal: goals["cycle"],
    warmUp: WARM_ROUNDS.look,
    git: place.git("git-clone", "git status --porcelain && git ls-remote -q origin"),
    lull: { name: "lull", once: () => warm.ask("cycle"), peak },
  };
}

let touches = 0;

function touchOne(path: string): void {
  touches += 1;
  appendFileSync(path, `${touches}\n`);
}

/** Commits and pushes a change of one file in a hundred, by git on both sides: only the pull is measured. */
function publish({ place, dataset }: Step, side: Side): void {
  place.change(dataset, `${side}-work`);
  runCommand(place.git(`${side}-work`, COMMIT_ALL));
  push(place, dataset, side);
}

/** For `git config` and `git -c`, where nothing is measured: in noise git need not look for deltas that it would not find. */
const WITHOUT_DELTAS = ["core.bigFileThreshold", "1m"] as const;

/** Never measured. */
function cloneAside(place: BenchPlace, dataset: Dataset, side: Side): void {
  const remote = `${side}-remote.git`;
  const [key, value] = WITHOUT_DELTAS;
  if (dataset.isNoise) runCommand(place.git(remote, `git config ${key} ${value}`));
  place.remove(`${side}-clone`);
  runCommand(place.git(".", `${CLONE} ${place.url(remote)} ${side}-clone`));
  if (dataset.isNoise) runCommand(place.git(remote, `git config --unset ${key}`));
}

/** Never measured. */
function push(place: BenchPlace, dataset: Dataset, side: Side): void {
  const options = dataset.isNoise ? `-c ${WITHOUT_DELTAS.join("=")} ` : "";
  runCommand(place.git(`${side}-work`, `git ${options}push -q ${place.url(`${side}-remote.git`)} main`));
}
