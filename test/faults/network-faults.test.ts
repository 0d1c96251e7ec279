/**
 * A server or a line that fails at random: at any request of a sync with something to fetch and something to push, at any
 * byte of the answer, in both versions of the protocol (reliability.md, F6, F8-F10 and figure 3). Each fault by its name:
 * `test/sync/http-faults`.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";

import { systemClock } from "../../src/base/clock.ts";
import { createResponder } from "../../src/git/serve/responder.ts";
import type { Deadlines } from "../../src/transport/http-deadlines.ts";
import { createTransport } from "../../src/transport/open-transport.ts";
import {
  createBareRepository,
  type Fault,
  type GitServer,
  type RecordedRequest,
  startGitServer,
} from "../helpers/git-http-server.ts";
import type { Random } from "../helpers/random.ts";
import { benchDevice, type BenchDevice } from "../helpers/sync-bench.ts";
import { fsck, git, temporaryDirectory } from "../helpers/system-git.ts";
import { caseCount, figure, isLong, seed, seeded } from "./options.ts";

const LONGEST_MS = isLong ? 7_200_000 : 600_000;
/** Then another remote begins: what git looks through after each fault grows with the history. */
const FAULTS_OF_A_REMOTE = 40;
const FIRST_FILES = 1;

const root = temporaryDirectory();
let server: GitServer;

beforeAll(async () => {
  server = await startGitServer(root);
});
afterAll(() => server.stop());

/** What a line that has died is waited for; much less than a person's, and enough for a git that has to be started. */
const HASTY: Partial<Deadlines> = { firstByte: 1500, answer: 1500, idle: 1500, drip: 500 };

type World = { readonly laptop: BenchDevice; readonly other: BenchDevice; readonly bare: string };
type Tally = { failed: number; harmless: number; waited: number };

test(
  "a network that fails at random harms nothing, and the next sync carries on",
  async () => {
    const random = seeded(77);
    const wanted = caseCount(8, 1100);
    const tally: Tally = { failed: 0, harmless: 0, waited: 0 };
    const problems: string[] = [];
    let world: World | undefined;
    let round = 0;
    for (let made = 0; made < wanted; made++) {
      if (world === undefined || made % FAULTS_OF_A_REMOTE === 0) {
        world = await makeWorld(random, made);
        round = 0;
      }
      const where = `fault ${made} of seed ${seed}`;
      try {
        await survive(world, { random, round: round++, tally });
      } catch (error) {
        problems.push(`${where}: ${error instanceof Error ? error.message : String(error)}`);
        world = undefined;
      }
    }
    const { failed, harmless, waited } = tally;
    figure(
      "network faults",
      `${wanted} faults: ${failed} syncs failed, ${harmless} had no need of what was damaged, ${waited} of all by a line that was silent; ${problems.length} bad`,
    );
    expect(problems).toEqual([]);
    expect(failed).toBeGreaterThan(0);
  },
  LONGEST_MS,
);

async function makeWorld(random: Random, number: number): Promise<World> {
  server.clear();
  server.protocol = random.pick([0, 2]);
  const name = `${number}.git`;
  const bare = createBareRepository(root, name);
  const laptop = benchDevice("laptop", server.repository(name), {
    clock: systemClock,
    connect: () => (url, signal) => connect(url, signal),
  });
  const other = benchDevice("other", bare);
  laptop.write("a.md", "one\n");
  await laptop.sync();
  await other.sync();
  return { laptop, other, bare };
}

let deadlines: Partial<Deadlines> = {};

/** As a process that knows nothing of the server, so that each kind of request comes. */
function connect(url: string, signal: AbortSignal) {
  const credentials = async (): Promise<undefined> => undefined;
  return createTransport({ credentials, createResponder, clock: systemClock, deadlines }).open(url, {
    signal,
  });
}

type Round = { readonly random: Random; readonly round: number; readonly tally: Tally };

/** @throws when something was harmed */
async function survive({ laptop, other, bare }: World, { random, round, tally }: Round): Promise<void> {
  const rows = 1 + random.below(60);
  other.write(`other/${round}.md`, `${random.below(1e9)} by the other\n`.repeat(rows));
  laptop.write(`laptop/${round}.md`, `${random.below(1e9)} by the laptop\n`.repeat(rows));
  await other.sync();
  const theirs = git(bare, "rev-parse", "main");
  const tracked = trackingRef(laptop);

  const fault = anyFault(random);
  const isHit = anyRequest(random);
  const hits: string[] = [];
  server.fault = (request) => {
    if (!isHit(request)) return undefined;
    hits.push(`${request.method} ${request.service}`);
    return fault;
  };
  const isSilent = fault.kind.startsWith("stall") || fault.kind === "drip";
  deadlines = isSilent ? HASTY : {};
  const run = await laptop.sync();
  deadlines = {};
  server.clear();
  if (isSilent) tally.waited++;
  if (run.error === undefined) tally.harmless++;
  else tally.failed++;
  try {
    // Where the machine is busy, an honest request may take too long for the short deadlines.
    expect(hits.length > 0 || (isSilent && run.error?.code === "TIMEOUT")).toBe(true);
    expect(run.error?.message ?? "").not.toMatch(/unexpected|undefined|NaN|\bat .*\/src\//);
    expect(run.error?.code ?? "").not.toMatch(/BUG|INTERNAL/);
    for (const place of [laptop.directory, bare]) fsck(place);
    // Nothing but the whole of what there is, or what the laptop itself made of it.
    const mine = git(laptop.directory, "rev-parse", "HEAD");
    expect([theirs, mine]).toContain(git(bare, "rev-parse", "main"));
    expect([tracked, theirs, mine, "none"]).toContain(trackingRef(laptop));
    git(bare, "merge-base", "--is-ancestor", theirs, "main");

    const next = await laptop.sync();
    expect(next.error).toBeUndefined();
    const tip = git(laptop.directory, "rev-parse", "HEAD");
    expect(git(bare, "rev-parse", "main")).toBe(tip);
    expect(trackingRef(laptop)).toBe(tip);
    expect(git(bare, "for-each-ref", "--format=%(refname)", "refs/heads")).toBe("refs/heads/main");
    expect(git(laptop.directory, "status", "--porcelain")).toBe("");
    const files = git(bare, "ls-tree", "-r", "--name-only", "main").split("\n");
    expect(files).toHaveLength(2 * (round + 1) + FIRST_FILES);
  } catch (error) {
    const said = `${run.outcome} ${run.error?.code ?? ""} ${run.error?.message ?? ""}`;
    throw new Error(`${JSON.stringify(fault)} at ${hits.join(", ")} (${said}): ${String(error)}`, {
      cause: error,
    });
  }
}

/** `none`: a list whose bytes were damaged may name no such branch, until the next fetch. */
function trackingRef({ directory }: BenchDevice): string {
  const ref = "refs/remotes/origin/main";
  return git(directory, "for-each-ref", "--format=%(objectname)", ref) || "none";
}

/** One of the five requests of a sync, or all from one on. */
function anyRequest(random: Random): (request: RecordedRequest) => boolean {
  if (random.chance(0.15)) {
    const from = random.below(2);
    return ({ index }) => index >= from;
  }
  const service = random.pick(["git-upload-pack", "git-receive-pack"]);
  const method = random.pick(["GET", "POST"]);
  return (request) => request.service === service && request.method === method;
}

const STATUSES = [
  200, 204, 301, 302, 307, 400, 401, 403, 404, 405, 408, 409, 410, 413, 418, 429, 500, 501, 502, 503, 504,
  507,
];

function anyFault(random: Random): Fault {
  // Most answers are short; a pack has a few hundred bytes.
  const at = random.below(random.pick([12, 60, 300, 900]));
  const ways: readonly (() => Fault)[] = [
    () => ({ kind: "cut", after: at, reset: random.chance(0.5) }),
    () => ({ kind: "shorten", after: at }),
    () => ({ kind: "flip", at }),
    () => ({ kind: "lose-answer" }),
    () => ({ kind: "replace", after: at, body: anyBytes(random) }),
    () => ({
      kind: "answer",
      status: random.pick(STATUSES),
      headers: anyHeaders(random),
      body: anyBytes(random),
    }),
  ];
  if (random.chance(0.03)) {
    const silent: readonly Fault[] = [
      { kind: "stall" },
      { kind: "stall-after", after: at },
      { kind: "drip", everyMs: 50 },
    ];
    return random.pick(silent);
  }
  return random.pick(ways)();
}

function anyBytes(random: Random): Uint8Array {
  const noise = Uint8Array.from({ length: random.below(200) }, () => random.below(256));
  const words = ["", "<!doctype html><p>sign in", "0000", "0001", "0002", "ffff", "0012ERR no access\n"];
  const error = "0012\u0003out of disk\n0000";
  const start = Buffer.from(random.pick([...words, error, `001e# service=git-upload-pack\n0000`]), "latin1");
  return random.chance(0.5) ? start : Buffer.concat([start, noise]);
}

function anyHeaders(random: Random): Readonly<Record<string, string>> {
  return {
    "content-type": random.pick([
      "text/html",
      "text/plain",
      "application/x-git-upload-pack-advertisement",
      "application/x-git-receive-pack-result",
    ]),
    ...(random.chance(0.4)
      ? { "retry-after": random.pick(["1", "-3", "soon", "31536000", "Wed, 21 Oct 2037 07:28:00 GMT"]) }
      : {}),
    ...(random.chance(0.3)
      ? { location: random.pick(["/", "http://127.0.0.2:9/x/info/refs", "file:///etc/passwd", "::"]) }
      : {}),
  };
}
