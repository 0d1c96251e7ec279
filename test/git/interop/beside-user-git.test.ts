/**
 * Real git and lull at work in one folder at the same time (reliability.md, F13). `LULL_TEST_COMMANDS=500` runs the
 * long form, `LULL_TEST_SEED` repeats one.
 */
import { expect, test } from "bun:test";
import { appendFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { figure, isLong, seed } from "../../faults/options.ts";
import { expectConverged, makeDevice, type Device } from "../../helpers/device.ts";
import { seededRandom } from "../../helpers/random.ts";
import { fsck, git, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";
import { Person } from "./person.ts";

const COMMANDS = Number(process.env["LULL_TEST_COMMANDS"] ?? 80);
const LONGEST_MS = isLong ? 7_200_000 : 600_000;

/** Answers of lull that mean "not in this moment": the next sync goes on. */
const BUSY_CODES = new Set(["INDEX_LOCKED", "REF_LOCKED", "CONFIG_LOCKED", "REF_CHANGED", "STILL_MOVING"]);

type Run = {
  readonly outcome: string;
  readonly committed?: { readonly commit?: string };
  readonly error?: { readonly code: string; readonly message: string };
  readonly remotes: readonly { readonly error?: { readonly code: string; readonly message: string } }[];
};

test(
  "a person's git and lull work in one folder at the same time, and nothing of either is lost",
  async () => {
    const random = seededRandom(seed);
    const remote = join(temporaryDirectory(), "remote.git");
    git(temporaryDirectory(), "init", "-q", "--bare", remote);
    const device = makeDevice("laptop");
    for (let file = 0; file < 12; file++) device.write(`notes/${file}.md`, `file ${file}\n`);
    for (let file = 0; file < 4; file++) device.write(`loose/${file}.md`, `file ${file}\n`);
    await device.lull(["add", "notes", "--remote", remote]);
    await device.lull(["sync"]);
    const peer = makePeer(remote);
    const person = new Person(device.notes, random);

    const lull = await startSyncing(device);
    while (person.report.commands < COMMANDS) {
      person.act();
      if (random.chance(0.08)) peer.push();
    }
    const runs = await lull.stop();

    person.leaveOperations();
    person.git("add", "-A");
    person.git("commit", "-qm", "last");
    person.git("checkout", "-q", "main");
    expect((await device.json(["sync"])).code).toBeOneOf([0, 5]);
    await device.lull(["sync"]);
    report(person, runs);
    expect(person.report.strange).toEqual([]);
    expect(strangeRuns(runs)).toEqual([]);
    expectConverged([device], [remote]);
    expectNothingLost(device, person, peer.written, runs);
    fsck(device.notes);
  },
  LONGEST_MS,
);

/** Another device, by git alone, that pushes to the remote. */
function makePeer(remote: string): { readonly written: string[]; push(): void } {
  const folder = join(temporaryDirectory(), "peer");
  git(temporaryDirectory(), "clone", "-q", remote, folder);
  const written: string[] = [];
  return {
    written,
    push() {
      git(folder, "fetch", "-q");
      git(folder, "reset", "-q", "--hard", "origin/main");
      const line = `peer-${written.length}-`;
      appendFileSync(join(folder, `notes/${written.length % 12}.md`), `${line}\n`);
      git(folder, "add", "-A");
      git(folder, "commit", "-qm", line);
      try {
        git(folder, "push", "-q", "origin", "HEAD:main");
        written.push(line);
      } catch {
        // lull was faster: the next round of this peer starts from there.
      }
    },
  };
}

/** Resolves when the first sync has ended. */
async function startSyncing(device: Device): Promise<{ stop(): Promise<readonly Run[]> }> {
  const child = Bun.spawn([process.execPath, resolve(import.meta.dir, "sync-loop.ts")], {
    cwd: device.home,
    env: { ...device.env },
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
  });
  const complaints = new Response(child.stderr).text();
  const [first, rest] = child.stdout.tee();
  await first.getReader().read();
  const printed = new Response(rest).text();
  return {
    async stop() {
      await child.stdin.end();
      const [output, stderr, code] = await Promise.all([printed, complaints, child.exited]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      return output.trim().split("\n").map(runOf);
    },
  };
}

function runOf(line: string): Run {
  const { runs } = JSON.parse(line) as { readonly runs?: readonly Run[] };
  const [run] = runs ?? [];
  if (run === undefined) throw new Error(`not a report of a sync: ${line}`);
  return run;
}

function strangeRuns(runs: readonly Run[]): readonly string[] {
  return runs.flatMap(({ outcome, error, remotes }) => {
    if (outcome === "skipped") return [];
    return [error, ...remotes.map((remote) => remote.error)].flatMap((found) =>
      found === undefined || BUSY_CODES.has(found.code) ? [] : [`${outcome}: ${found.code} ${found.message}`],
    );
  });
}

function report(person: Person, runs: readonly Run[]): void {
  const { commands, busy, refused, written, commits } = person.report;
  const outcomes = Map.groupBy(runs, (run) => run.error?.code ?? run.outcome);
  const table = [...outcomes].map(([outcome, those]) => `${those.length} ${outcome}`).join(", ");
  figure(
    "beside user git",
    `${commands} commands (${busy} told to try again, ${refused} refused by git itself), ` +
      `${written.length} lines, ${commits.size} commits; ${runs.length} syncs: ${table}`,
  );
}

function expectNothingLost(
  device: Device,
  { report: { written, commits, journal } }: Person,
  byPeer: readonly string[],
  runs: readonly Run[],
): void {
  const reachable = new Set(git(device.notes, "rev-list", "--all", "--reflog").split("\n"));
  const ours = runs.flatMap((run) => run.committed?.commit ?? []);
  expect([...commits, ...ours].filter((commit) => !reachable.has(commit))).toEqual([]);
  const patches = gitRaw(device.notes, ["log", "--all", "--reflog", "-m", "-p", "--text", "--format="]);
  const found = new Set(patches.toString("latin1").match(/\b(?:person|peer)-\d+-/g));
  const lost = [...written, ...byPeer].filter((line) => !found.has(line));
  const first = journal.findIndex((entry) => lost.some((line) => entry.includes(` ${line} `)));
  if (lost.length > 0) console.log(journal.slice(Math.max(0, first - 5), first + 40).join("\n"));
  expect(lost).toEqual([]);
}
