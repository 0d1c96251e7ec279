/** The remotes of one source side by side: none waits for another's answer, and who answers first decides nothing. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";

import { createBareRepository, type GitServer, startGitServer } from "../helpers/git-http-server.ts";
import type { Connection } from "../../src/transport/transport.ts";
import { transportError } from "../../src/transport/transport-error.ts";
import { fakeClock } from "../helpers/fake-clock.ts";
import { type BenchDevice, benchDevice, type BenchOptions } from "../helpers/sync-bench.ts";
import { fsck, git, temporaryDirectory } from "../helpers/system-git.ts";

const root = temporaryDirectory();
let server: GitServer;
let number = 0;

beforeAll(async () => {
  server = await startGitServer(root);
});
beforeEach(() => server.clear());
afterAll(() => server.stop());

type Place = { readonly name: string; readonly bare: string; readonly url: string };

function places(...names: readonly string[]): readonly Place[] {
  return names.map((name) => {
    const file = `${name}-${++number}.git`;
    return { name, bare: createBareRepository(root, file), url: server.repository(file) };
  });
}

/** Nobody is overtaken unless a test says so: a loaded machine must not decide. */
const UNHURRIED_MS = 60_000;

function device(name: string, remotes: readonly Place[], options: BenchOptions = {}): BenchDevice {
  return benchDevice(name, "", { patienceMs: UNHURRIED_MS, ...options, remotes });
}

/** Another device that syncs with one of the remotes only. */
async function newsAt(place: Place, path: string, content: string): Promise<void> {
  const other = device(`at-${place.name}`, [place], { clock: fakeClock(1_700_000_000_000) });
  await other.sync();
  other.write(path, content);
  expect(await other.sync()).toMatchObject({ outcome: "synced" });
}

const tipOf = (place: Place): string => git(place.bare, "rev-parse", "--verify", "-q", "main");

describe("a remote that never answers", () => {
  const [hanging, web, nas] = ["hanging", "web", "nas"] as const;

  /** A laptop whose first remote hangs until `giveUp`, as it would until its deadline. */
  async function scene(stalls: (url: string) => boolean) {
    const [first, second, third] = places(hanging, web, nas) as [Place, Place, Place];
    const giveUp = new AbortController();
    const laptop = device("laptop", [first, second, third], {
      patienceMs: 50,
      connect: (open) => (url, signal) =>
        open(url, url === first.url ? AbortSignal.any([signal, giveUp.signal]) : signal),
    });
    laptop.write("start.md", "start\n");
    await laptop.sync();
    server.fault = ({ url }) => (url.includes(hanging) && stalls(url) ? { kind: "stall" } : undefined);
    const end = (): void =>
      giveUp.abort(transportError({ code: "TIMEOUT", message: "no answer for a minute" }));
    return { first, second, third, laptop, end };
  }

  test("does not keep back what the others have and get", async () => {
    const { second, third, first, laptop, end } = await scene(() => true);
    const before = tipOf(first);
    await newsAt(second, "web.md", "from the web\n");
    laptop.write("own.md", "own\n");
    let meanwhile: unknown;
    const run = await laptop.sync({
      onEvent(event) {
        if (event.kind !== "step" || event.step !== "fetch" || event.detail !== first.url) return;
        // Only the hanging one is still waited for.
        meanwhile = { came: laptop.read("web.md"), tips: [second, third].map(tipOf) };
        end();
      },
    });
    const tip = git(laptop.directory, "rev-parse", "HEAD");
    expect(meanwhile).toEqual({ came: "from the web\n", tips: [tip, tip] });
    expect(tipOf(first)).toBe(before);
    expect(run).toMatchObject({
      outcome: "partial",
      remotes: [
        { name: hanging, error: { code: "TIMEOUT" } },
        { name: web, received: 1, error: undefined },
        { name: nas, error: undefined },
      ],
    });
  });

  test("is waited for to the end, and gets and gives everything when it answers after all", async () => {
    let isHeld = true;
    const held = Promise.withResolvers<void>();
    const [first, second] = places("slow", "web") as [Place, Place];
    const laptop = device("laptop", [first, second], {
      patienceMs: 50,
      connect: (open) => async (url, signal) => {
        const connection = await open(url, signal);
        return url === first.url && isHeld ? heldBack(connection, () => held.promise) : connection;
      },
    });
    isHeld = false;
    laptop.write("start.md", "start\n");
    await laptop.sync();
    isHeld = true;
    await newsAt(first, "slow.md", "from the slow one\n");
    await newsAt(second, "web.md", "from the web\n");
    laptop.write("own.md", "own\n");
    let meanwhile: readonly string[] = [];
    const run = await laptop.sync({
      onEvent(event) {
        if (event.kind !== "step" || event.step !== "fetch" || event.detail !== first.url) return;
        meanwhile = [tipOf(second), git(laptop.directory, "rev-parse", "HEAD")];
        held.resolve();
      },
    });
    expect(meanwhile).toHaveLength(2);
    expect(meanwhile[0]).toBe(meanwhile[1] ?? "");
    expect(run).toMatchObject({
      outcome: "synced",
      remotes: [
        { received: 1, error: undefined },
        { received: 1, error: undefined },
      ],
    });
    expect(laptop.read("slow.md")).toBe("from the slow one\n");
    const tip = git(laptop.directory, "rev-parse", "HEAD");
    expect([first, second].map(tipOf)).toEqual([tip, tip]);
    fsck(laptop.directory);
  });

  test("does not outlive the run: Ctrl-C ends all", async () => {
    const { second, laptop } = await scene(() => true);
    laptop.write("own.md", "own\n");
    const interruption = new AbortController();
    const run = await laptop.sync({
      signal: interruption.signal,
      onEvent: (event) => event.kind === "step" && event.step === "push" && interruption.abort(),
    });
    expect(run).toMatchObject({ outcome: "failed", error: { kind: "interrupted" } });
    server.clear();
    expect(await laptop.sync()).toMatchObject({ outcome: "synced" });
    expect(tipOf(second)).toBe(git(laptop.directory, "rev-parse", "HEAD"));
  });
});

describe("whoever answers first", () => {
  /** All three have changed the same file, and each has a tag of the same name. */
  async function tipWhen(lastToAnswer: number): Promise<{ tip: string; tag: string; atFirst: string }> {
    const remotes = places("one", "two", "three");
    let isHeld = false;
    const answered = remotes.map(() => Promise.withResolvers<void>());
    const laptop = device("laptop", remotes, {
      connect: (open) => async (url, signal) => {
        const connection = await open(url, signal);
        if (!isHeld) return connection;
        const place = remotes.findIndex((remote) => remote.url === url);
        const others = answered.filter((_, other) => other !== lastToAnswer);
        return heldBack(connection, async () => {
          answered[place]?.resolve();
          if (place === lastToAnswer) await Promise.all(others.map(({ promise }) => promise));
        });
      },
    });
    laptop.write("a.md", "start\n");
    await laptop.sync();
    const tags: string[] = [];
    for (const [place, remote] of remotes.entries()) {
      await newsAt({ ...remote, name: `place-${place}` }, "a.md", `changed at ${place}\n`);
      git(remote.bare, "tag", "v1", "main");
      tags.push(tipOf(remote));
    }
    laptop.write("a.md", "changed here\n");
    isHeld = true;
    const run = await laptop.sync();
    expect(run).toMatchObject({ outcome: "conflict", remotes: remotes.map(() => ({ received: 1 })) });
    const tip = git(laptop.directory, "rev-parse", "HEAD");
    expect(remotes.map(tipOf)).toEqual([tip, tip, tip]);
    fsck(laptop.directory);
    return { tip, tag: git(laptop.directory, "rev-parse", "v1"), atFirst: tags[0] ?? "" };
  }

  test("the result is the same to the last byte, and tags are those of the first remote", async () => {
    const results = [await tipWhen(0), await tipWhen(1), await tipWhen(2)];
    expect(new Set(results.map(({ tip }) => tip)).size).toBe(1);
    for (const { tag, atFirst } of results) expect(tag).toBe(atFirst);
  });
});

test("what several mirrors have comes once", async () => {
  const remotes = places("one", "two", "three");
  const [first] = remotes as [Place];
  const writer = device("writer", remotes);
  const noise = crypto.getRandomValues(new Uint8Array(60_000));
  writer.write("noise.bin", noise);
  await writer.sync();
  // A new device, which has nothing, and one that lacks the last commit only.
  const reader = device("reader", remotes);
  const other = device("other", [first]);
  await other.sync();
  const whole = await reader.sync();
  const bytes = whole.remotes.map(({ bytesReceived }) => bytesReceived);
  expect(bytes.filter((count) => count > 0)).toHaveLength(1);
  writer.write("more.bin", noise.subarray(10));
  await writer.sync();
  const more = await reader.sync();
  expect(more).toMatchObject({ outcome: "synced" });
  expect(more.remotes.filter(({ bytesReceived }) => bytesReceived > 0)).toHaveLength(1);
  expect(git(reader.directory, "for-each-ref", "--format=%(refname)", "refs/remotes").split("\n")).toEqual(
    ["one", "three", "two"].map((name) => `refs/remotes/${name}/main`),
  );
});

test("at most four are at work at once", async () => {
  const remotes = places("one", "two", "three", "four", "five", "six");
  let atWork = 0;
  let most = 0;
  const laptop = device("laptop", remotes, {
    connect: (open) => async (url, signal) => {
      const connection = await open(url, signal);
      const exchange = connection.exchange.bind(connection);
      connection.exchange = async (service, request) => {
        if (service !== "git-receive-pack") return exchange(service, request);
        most = Math.max(most, ++atWork);
        const answer = await exchange(service, request);
        atWork--;
        return answer;
      };
      return connection;
    },
  });
  laptop.write("a.md", "one\n");
  expect(await laptop.sync()).toMatchObject({ outcome: "synced" });
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(4);
  const tip = git(laptop.directory, "rev-parse", "HEAD");
  expect(new Set(remotes.map(tipOf))).toEqual(new Set([tip]));
});

/** Lets each answer of an upload-pack through when `mayPass` says so. */
function heldBack(connection: Connection, mayPass: () => Promise<void>): Connection {
  const advertise = connection.advertise.bind(connection);
  const exchange = connection.exchange.bind(connection);
  connection.advertise = async (service, protocol) => {
    const answer = await advertise(service, protocol);
    if (service === "git-upload-pack") await mayPass();
    return answer;
  };
  connection.exchange = async (service, request) => {
    const answer = await exchange(service, request);
    if (service === "git-upload-pack") await mayPass();
    return answer;
  };
  return connection;
}
