/**
 * Two lulls that commit to one repository at the same time, each without knowing of the other (reliability.md, figure
 * 5: 2 writers x 40 commits x 20 runs). `LULL_TEST_RUNS=20 LULL_TEST_COMMITS=40` is the long form.
 */
import { expect, test } from "bun:test";
import { resolve } from "node:path";

import { figure, isLong } from "../../faults/options.ts";
import { fsck, git, temporaryDirectory } from "../../helpers/system-git.ts";

const RUNS = Number(process.env["LULL_TEST_RUNS"] ?? 1);
const COMMITS = Number(process.env["LULL_TEST_COMMITS"] ?? 15);
const LONGEST_MS = isLong ? 7_200_000 : 600_000;

test(
  "two writers in one repository lose no commit of each other",
  async () => {
    let made = 0;
    for (let run = 0; run < RUNS; run++) {
      const folder = temporaryDirectory();
      git(folder, "init", "-q");
      const commits = (await Promise.all(["left", "right"].map((name) => write(folder, name)))).flat();
      made += commits.length;
      // Not only reachable by the reflog: each commit is an ancestor of the branch.
      const history = new Set(git(folder, "rev-list", "main").split("\n"));
      expect(commits.filter((commit) => !history.has(commit))).toEqual([]);
      expect(history.size).toBe(commits.length);
      expect(git(folder, "ls-tree", "--name-only", "main").split("\n")).toHaveLength(2 * COMMITS);
      expect(git(folder, "status", "--porcelain")).toBe("");
      fsck(folder);
    }
    figure("two writers", `${RUNS} runs of 2 writers x ${COMMITS} files: ${made} commits, none lost`);
  },
  LONGEST_MS,
);

async function write(folder: string, name: string): Promise<readonly string[]> {
  const program = resolve(import.meta.dir, "commit-loop.ts");
  const child = Bun.spawn([process.execPath, program, folder, name, String(COMMITS)], {
    stdout: "pipe",
    stderr: "pipe",
  });
  const [printed, complaints, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  expect({ code, complaints }).toEqual({ code: 0, complaints: "" });
  return printed.split("\n").filter((line) => line !== "");
}
