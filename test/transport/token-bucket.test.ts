import { expect, test } from "bun:test";

import { TokenBucket } from "../../src/transport/token-bucket.ts";
import { fakeClock } from "../helpers/fake-clock.ts";
import { fakeTimers } from "../helpers/fake-timers.ts";
import { failureOf } from "../helpers/thrown.ts";

function setUp(rate: number | undefined) {
  const clock = fakeClock();
  const timers = fakeTimers(clock);
  const bucket = new TokenBucket({ clock, timers });
  bucket.rate = rate;
  const abort = new AbortController();
  let isReady = false;
  const wait = async (): Promise<void> => {
    await bucket.ready(abort.signal);
    isReady = true;
  };
  return { clock, timers, bucket, abort, wait, isReady: () => isReady };
}

test("without a rate everything passes at once", async () => {
  const { bucket, wait, isReady, timers } = setUp(undefined);
  bucket.add(1e9);
  await wait();
  expect(isReady()).toBe(true);
  expect(timers.pending).toBe(0);
});

test("what passed has to be paid by time before more may pass", async () => {
  const { bucket, wait, isReady, timers } = setUp(1000);
  bucket.add(3100);
  const waiting = wait();
  await timers.pass(2999);
  expect(isReady()).toBe(false);
  await timers.pass(1);
  await waiting;
  expect(isReady()).toBe(true);
});

test("a rest saves up a tenth of a second and no more", async () => {
  const { bucket, wait, isReady, timers } = setUp(1000);
  await timers.pass(3_600_000);
  bucket.add(1100);
  const waiting = wait();
  await timers.pass(999);
  expect(isReady()).toBe(false);
  await timers.pass(1);
  await waiting;
});

test("a new rate counts at once for who waits, and none lets them go", async () => {
  const { bucket, wait, isReady, timers } = setUp(10);
  bucket.add(10_001);
  const waiting = wait();
  await timers.pass(1000);
  bucket.rate = 1000;
  await timers.pass(9989);
  expect(isReady()).toBe(false);
  await timers.pass(1);
  await waiting;
  expect(isReady()).toBe(true);

  const other = setUp(1);
  other.bucket.add(1e6);
  const released = other.wait();
  await other.timers.pass(1000);
  other.bucket.rate = undefined;
  await released;
  expect(other.timers.pending).toBe(0);
});

test("the signal ends the waiting, and no timer stays behind", async () => {
  const { bucket, wait, timers, abort } = setUp(1);
  bucket.add(1e6);
  const failure = failureOf(wait());
  await timers.pass(1000);
  abort.abort();
  expect((await failure).code).toBe("INTERRUPTED");
  expect(timers.pending).toBe(0);
});
