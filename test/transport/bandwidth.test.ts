import { afterAll, beforeAll, describe, expect, test } from "bun:test";

import type { Timers } from "../../src/base/timers.ts";
import { createResponder } from "../../src/git/serve/responder.ts";
import { Bandwidth, type BandwidthLimits } from "../../src/transport/bandwidth.ts";
import { createTransport } from "../../src/transport/open-transport.ts";
import type { Connection, Transport } from "../../src/transport/transport.ts";
import { fakeClock, type FakeClock } from "../helpers/fake-clock.ts";
import { failureOf } from "../helpers/thrown.ts";

/** Time that passes only while somebody waits for it: what a transfer takes is then exact, and over at once. */
function hurriedTimers(clock: FakeClock): Timers {
  return {
    after(ms, run) {
      const due = clock.monotonic() + ms;
      const timer = setImmediate(() => {
        clock.advance(Math.max(0, due - clock.monotonic()));
        run();
      });
      return { [Symbol.dispose]: () => clearImmediate(timer) };
    },
  };
}

type Server = { readonly url: string; readonly received: number[]; stop(): Promise<void> };

/** Reads a request to its end, then answers with so many bytes. */
function startServer(answerBytes: number): Server {
  const received: number[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    async fetch(request) {
      let bytes = 0;
      for await (const chunk of request.body ?? []) bytes += chunk.length;
      received.push(bytes);
      const service = /git-[a-z]+-pack/.exec(request.url)?.[0] ?? "";
      return new Response(new Uint8Array(answerBytes), {
        headers: { "content-type": `application/x-${service}-result` },
      });
    },
  });
  return { url: `http://127.0.0.1:${server.port}/x`, received, stop: () => server.stop(true) };
}

function setUp(limits: BandwidthLimits) {
  const clock = fakeClock();
  const bandwidth = new Bandwidth({ clock, timers: hurriedTimers(clock) });
  bandwidth.limits = limits;
  const transport = createTransport({
    credentials: async () => undefined,
    createResponder,
    clock,
    bandwidth,
  });
  const open: Transport["open"] = (url, options) => transport.open(url, options);
  return { clock, bandwidth, open };
}

const NEVER = new AbortController().signal;

async function* body(pieces: number, size: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < pieces; index++) yield new Uint8Array(size);
}

async function transfer(connection: Connection, pieces = 1, size = 4): Promise<number> {
  let bytes = 0;
  for await (const chunk of await connection.exchange("git-receive-pack", body(pieces, size)))
    bytes += chunk.length;
  await connection.close();
  return bytes;
}

describe("over http", () => {
  let server: Server;
  beforeAll(() => {
    server = startServer(200_000);
  });
  afterAll(() => server.stop());

  test("an upload takes as long as its bytes at the rate, whole or in pieces", async () => {
    for (const pieces of [1, 40]) {
      const { clock, open } = setUp({ upload: 10_000, download: undefined });
      await transfer(await open(server.url, { signal: NEVER }), pieces, 400_000 / pieces);
      expect(server.received.pop()).toBe(400_000);
      // The last piece is handed over, and a tenth of a second was saved up.
      expect(clock.monotonic()).toBeWithin(38_500, 40_001);
    }
  });

  test("a download takes as long as its bytes at the rate", async () => {
    const { clock, open } = setUp({ upload: undefined, download: 10_000 });
    expect(await transfer(await open(server.url, { signal: NEVER }))).toBe(200_000);
    expect(clock.monotonic()).toBeWithin(19_800, 20_001);
  });

  test("lull's own waiting is no reason for a deadline, however long it is", async () => {
    const { clock, open } = setUp({ upload: 20, download: 20 });
    // More than an hour of waiting at a pace at which a server would be given up.
    expect(await transfer(await open(server.url, { signal: NEVER }), 100, 1000)).toBe(200_000);
    expect(clock.monotonic()).toBeGreaterThan(10_000_000);
  });

  test("connections share one limit, and one that is set later counts for what is under way", async () => {
    const { clock, bandwidth, open } = setUp({ upload: 100, download: undefined });
    const both = [await open(server.url, { signal: NEVER }), await open(server.url, { signal: NEVER })];
    await Promise.all(both.map((connection) => transfer(connection, 10, 1000)));
    expect(clock.monotonic()).toBeWithin(170_000, 200_001);
    bandwidth.limits = { upload: undefined, download: undefined };
    const before = clock.monotonic();
    await transfer(await open(server.url, { signal: NEVER }), 10, 1000);
    expect(clock.monotonic()).toBe(before);
  });

  test("a signal ends a wait in the middle of an upload", async () => {
    const { bandwidth, open } = setUp({ upload: 1, download: undefined });
    expect(bandwidth.limits.upload).toBe(1);
    const abort = new AbortController();
    const connection = await open(server.url, { signal: abort.signal });
    async function* stopping(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(100);
      abort.abort();
      yield new Uint8Array(1_000_000);
    }
    const error = await failureOf(connection.exchange("git-receive-pack", stopping()) as Promise<unknown>);
    expect(error.code).toBe("INTERRUPTED");
    await connection.close();
  });
});

test("the limit holds for a folder of this machine as well, with the name and the memory of the connection", async () => {
  const pushed: number[] = [];
  const clock = fakeClock();
  const bandwidth = new Bandwidth({ clock, timers: hurriedTimers(clock) });
  bandwidth.limits = { upload: 1000, download: 1000 };
  const transport = createTransport({
    credentials: async () => undefined,
    createResponder: () => ({
      advertise: async () => body(0, 0),
      respond: async (_service, request) => {
        for await (const chunk of request) pushed.push(chunk.length);
        return body(2, 10_000);
      },
    }),
    clock,
    bandwidth,
  });
  const connection = await transport.open(import.meta.dir, { signal: NEVER });
  expect(connection.remote).toBe(import.meta.dir);
  expect(connection.memory).toBeUndefined();
  expect(await transfer(connection, 1, 50_000)).toBe(20_000);
  expect(pushed.reduce((sum, bytes) => sum + bytes, 0)).toBe(50_000);
  // In pieces, so that the other side hears of it all the time.
  expect(Math.max(...pushed)).toBeLessThan(2000);
  expect(clock.monotonic()).toBeWithin(67_000, 70_001);
});
