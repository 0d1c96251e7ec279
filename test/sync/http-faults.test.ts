/**
 * Every way in which a server or the line to it fails, at each request of a sync that has something to fetch and something to
 * push. After each: nothing but a good fetch moved a ref, both repositories are whole, and the next sync carries on.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";

import { systemClock } from "../../src/base/clock.ts";
import { createResponder } from "../../src/git/serve/responder.ts";
import type { Deadlines } from "../../src/transport/http-deadlines.ts";
import { createTransport } from "../../src/transport/open-transport.ts";
import { figure } from "../faults/options.ts";
import {
  createBareRepository,
  type Fault,
  type GitServer,
  startGitServer,
} from "../helpers/git-http-server.ts";
import { benchDevice, type BenchDevice } from "../helpers/sync-bench.ts";
import { fsck, git, temporaryDirectory } from "../helpers/system-git.ts";

const root = temporaryDirectory();
let server: GitServer;
let number = 0;
let survived = 0;

beforeAll(async () => {
  server = await startGitServer(root);
});
afterAll(() => {
  figure(
    "network faults",
    `${survived} with names, at the requests that they concern: refs unmoved, next sync ok`,
  );
  return server.stop();
});

const REQUESTS = [
  { request: "the list", method: "GET", service: "git-upload-pack" },
  { request: "the fetch", method: "POST", service: "git-upload-pack" },
  { request: "the push's list", method: "GET", service: "git-receive-pack" },
  { request: "the push", method: "POST", service: "git-receive-pack" },
] as const;
type Request = (typeof REQUESTS)[number]["request"];

const sideband = (band: number, words: string): string =>
  `${(words.length + 5).toString(16).padStart(4, "0")}${String.fromCharCode(band)}${words}`;
const ERR = "ERR the disk is full\n";
const ERR_PACKET = `${(ERR.length + 4).toString(16).padStart(4, "0")}${ERR}`;
const answer = (status: number, headers: Readonly<Record<string, string>> = {}): Fault => ({
  kind: "answer",
  status,
  headers,
  body: "no",
});
const limited = (...value: readonly string[]): Fault =>
  answer(429, value[0] === undefined ? {} : { "retry-after": value[0] });

type Case = {
  readonly what: string;
  readonly fault: Fault;
  readonly codes: readonly string[];
  /** Default: all. */
  readonly at?: readonly Request[];
};

const CUT = ["TRUNCATED", "NETWORK", "BAD_PACK"];
const LISTS: readonly Request[] = ["the list", "the push's list"];
const PACKS: readonly Request[] = ["the fetch"];
/** The same code judges them all. */
const EITHER_WAY: readonly Request[] = ["the list", "the push"];

const CASES: readonly Case[] = [
  { what: "a cut at its start", fault: { kind: "cut", after: 0 }, codes: CUT },
  { what: "a cut in the middle", fault: { kind: "cut", after: 30 }, codes: CUT },
  { what: "a reset in the middle", fault: { kind: "cut", after: 30, reset: true }, codes: CUT },
  {
    what: "a proper end in the middle of the pack",
    fault: { kind: "shorten", after: 300 },
    codes: CUT,
    at: PACKS,
  },
  {
    what: "a flipped bit in the pack",
    fault: { kind: "flip", at: 500 },
    codes: ["BAD_PACK", "REMOTE_ERROR", "TRUNCATED"],
    at: PACKS,
  },
  { what: "an answer that is lost", fault: { kind: "lose-answer" }, codes: CUT },
  { what: "a stall", fault: { kind: "stall" }, codes: ["TIMEOUT"] },
  { what: "a stall in the middle", fault: { kind: "stall-after", after: 30 }, codes: ["TIMEOUT"] },
  { what: "a byte at a time", fault: { kind: "drip", everyMs: 50 }, codes: ["TIMEOUT"] },
  {
    what: "an error beside the data",
    fault: { kind: "replace", after: 0, body: sideband(3, "the disk is full") },
    codes: ["REMOTE_ERROR", "TRUNCATED"],
    at: ["the fetch", "the push"],
  },
  {
    what: "ERR in place of the list",
    fault: { kind: "replace", after: 0, body: ERR_PACKET },
    codes: ["REMOTE_ERROR"],
    at: LISTS,
  },
  {
    what: "a web page",
    fault: answer(200, { "content-type": "text/html" }),
    codes: ["REPO_NOT_FOUND", "REMOTE_ERROR"],
  },
  { what: "401", fault: answer(401), codes: ["AUTH"], at: EITHER_WAY },
  { what: "403", fault: answer(403), codes: ["FORBIDDEN"], at: EITHER_WAY },
  { what: "404", fault: answer(404), codes: ["REPO_NOT_FOUND"], at: EITHER_WAY },
  { what: "429 with seconds", fault: limited("7"), codes: ["RATE_LIMITED"], at: ["the list"] },
  {
    what: "429 with a date",
    fault: limited("Wed, 21 Oct 2037 07:28:00 GMT"),
    codes: ["RATE_LIMITED"],
    at: EITHER_WAY,
  },
  { what: "429 without a time", fault: limited(), codes: ["RATE_LIMITED"], at: ["the list"] },
  { what: "429 with a negative time", fault: limited("-5"), codes: ["RATE_LIMITED"], at: ["the list"] },
  { what: "429 with nonsense", fault: limited("soon"), codes: ["RATE_LIMITED"], at: ["the list"] },
  { what: "429 with a year", fault: limited("31536000"), codes: ["RATE_LIMITED"], at: ["the list"] },
  { what: "503", fault: answer(503), codes: ["RATE_LIMITED"], at: EITHER_WAY },
  {
    what: "a redirect to another host",
    fault: answer(302, { location: "http://127.0.0.2:9/x/info/refs" }),
    codes: ["REPO_NOT_FOUND", "REMOTE_ERROR"],
  },
];

const PATIENT: Partial<Deadlines> = {};
/** Long enough for a git that has to be started on a busy machine. */
const HASTY: Partial<Deadlines> = { firstByte: 1500, answer: 1500, idle: 1500, drip: 500 };
let deadlines = PATIENT;

/** Both sides have something that the other lacks. */
async function diverged(): Promise<{
  readonly laptop: BenchDevice;
  readonly bare: string;
  readonly tracked: string;
}> {
  server.clear();
  const name = `${++number}.git`;
  const bare = createBareRepository(root, name);
  const laptop = benchDevice("laptop", server.repository(name), {
    clock: systemClock,
    // Each time as a new process that knows nothing of the server, so that each kind of request comes.
    connect: () => (url, signal) =>
      createTransport({
        credentials: async () => undefined,
        createResponder,
        clock: systemClock,
        deadlines,
      }).open(url, { signal }),
  });
  const other = benchDevice("other", bare);
  laptop.write("a.md", "one\n");
  await laptop.sync();
  await other.sync();
  for (let index = 0; index < 12; index++)
    other.write(`other/${index}`, `${crypto.randomUUID()}\n`.repeat(20));
  await other.sync();
  laptop.write("b.md", "two\n");
  const tracked = git(laptop.directory, "rev-parse", "refs/remotes/origin/main");
  return { laptop, bare, tracked };
}

function matches(request: { readonly method: string; readonly service: string }, at: Request): boolean {
  const wanted = REQUESTS.find((one) => one.request === at);
  return request.method === wanted?.method && request.service === wanted.service;
}

for (const { what, fault, codes, at = REQUESTS.map(({ request }) => request) } of CASES) {
  test.each(at.map((request) => [request]))(
    `${what} at %s harms nothing, and the next sync carries on`,
    async (request) => {
      const { laptop, bare, tracked } = await diverged();
      const theirs = git(bare, "rev-parse", "main");
      let hits = 0;
      server.fault = (asked) => {
        if (!matches(asked, request)) return undefined;
        hits++;
        return fault;
      };
      deadlines = codes.includes("TIMEOUT") ? HASTY : PATIENT;
      const run = await laptop.sync();
      deadlines = PATIENT;
      expect(hits).toBeGreaterThan(0);
      expect(run).toMatchObject({ outcome: "failed", committed: { files: 1 } });
      expect(codes).toContain(run.error?.code ?? "none");
      fsck(laptop.directory);
      fsck(bare);
      const isFetched = request.startsWith("the push");
      expect(git(laptop.directory, "rev-parse", "refs/remotes/origin/main")).toBe(
        isFetched ? theirs : tracked,
      );
      if (request !== "the push") expect(git(bare, "rev-parse", "main")).toBe(theirs);

      server.clear();
      const next = await laptop.sync();
      expect(next.error).toBeUndefined();
      const tip = git(laptop.directory, "rev-parse", "HEAD");
      expect(git(bare, "rev-parse", "main")).toBe(tip);
      expect(git(laptop.directory, "rev-parse", "refs/remotes/origin/main")).toBe(tip);
      expect(git(bare, "ls-tree", "-r", "--name-only", "main").split("\n")).toHaveLength(14);
      fsck(bare);
      fsck(laptop.directory);
      survived++;
    },
  );
}
