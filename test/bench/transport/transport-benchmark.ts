/** 200 MB over each transport, beside git over the same one. */
import type { Benchmark } from "../benchmark.ts";
import { DRIVER } from "../engine/tree-benchmarks.ts";
import { binaryDataset } from "../engine/dataset.ts";
import { measureOperation, type Operation, type OperationResult } from "../engine/operation.ts";
import { renderOperations } from "../engine/operation-table.ts";
import { BenchPlace } from "../engine/place.ts";
import { type Command, runCommand } from "../measure.ts";
import { openSshPlace, type SshPlace } from "./ssh-place.ts";

const FILES = 10;
const RUNS = 3;
const GOAL = { ratio: 1.3, megabytes: 300 };
/** Git would look for deltas in noise for a minute; what is compared is the way, not that. */
const NO_DELTAS = "-c pack.window=0";

type Way = {
  readonly name: string;
  readonly url: (repository: string) => string;
  readonly env: Readonly<Record<string, string>>;
  /** What the other side of the ratio is, instead of git. */
  readonly beside?: Way;
};

export const transportBenchmark: Benchmark = {
  name: "transport",
  about: `Clone and push of ${FILES} files of 20 MB that can not be compressed, by git and by lull over the same way; git without its search for deltas. "Built-in beside system": lull's own SSH beside lull over the person's ssh, in the place of git.`,
  run: async ({ compile }) => {
    await using place = await BenchPlace.open(await compile(DRIVER));
    await using ssh = await openSshPlace();
    const dataset = binaryDataset(FILES);
    place.writeDataset(dataset, "work");
    runCommand(place.git("work", "git init -q -b main && git add -A && git commit -qm photos"));
    place.initBare("full.git");
    runCommand(place.git("work", `git ${NO_DELTAS} push -q ${place.path("full.git")} main`));
    const results: OperationResult[] = [];
    for (const way of ways(place, ssh)) {
      results.push(await measureOperation(clone(place, way), { runs: RUNS, memoryOfRuns: true }));
      results.push(await measureOperation(push(place, way), { runs: RUNS, memoryOfRuns: true }));
    }
    return renderOperations(results);
  },
};

function ways(place: BenchPlace, ssh: SshPlace): readonly Way[] {
  const overSsh = (repository: string): string => ssh.url(place.path(repository));
  const system = { name: "system ssh", url: overSsh, env: ssh.client("system") };
  const builtin = { name: "built-in ssh", url: overSsh, env: ssh.client("builtin") };
  return [
    { name: "http", url: (repository) => place.url(repository), env: {} },
    { name: "path", url: (repository) => place.path(repository), env: {} },
    system,
    builtin,
    { ...builtin, name: "built-in beside system ssh", beside: system },
  ];
}

function clone(place: BenchPlace, way: Way): Operation {
  const fresh = (folder: string) => () => place.remove(folder);
  const byLull = (folder: string, { url, env }: Way): Command =>
    withEnvironment(place.lull("clone", place.path(folder), url("full.git")), env);
  // `--no-local`: else git only links the files of a folder.
  const byGit = withEnvironment(
    place.git(".", `git clone -q --no-local ${way.url("full.git")} git-clone`),
    way.env,
  );
  return {
    name: `${way.name}: clone`,
    goal: GOAL,
    git: {
      ...(way.beside === undefined ? byGit : byLull("git-clone", way.beside)),
      before: fresh("git-clone"),
    },
    lull: { ...byLull("lull-clone", way), before: fresh("lull-clone") },
  };
}

function push(place: BenchPlace, way: Way): Operation {
  const fresh = (repository: string) => () => place.initBare(repository);
  const byLull = (repository: string, { url, env }: Way): Command =>
    withEnvironment(place.lull("push", place.path("work"), url(repository)), env);
  const byGit = withEnvironment(
    place.git("work", `git ${NO_DELTAS} push -q ${way.url("git-remote.git")} main`),
    way.env,
  );
  return {
    name: `${way.name}: push`,
    goal: GOAL,
    git: {
      ...(way.beside === undefined ? byGit : byLull("git-remote.git", way.beside)),
      before: fresh("git-remote.git"),
    },
    lull: { ...byLull("lull-remote.git", way), before: fresh("lull-remote.git") },
  };
}

function withEnvironment(command: Command, env: Readonly<Record<string, string>>): Command {
  return { ...command, env: { ...command.env, ...env } };
}
