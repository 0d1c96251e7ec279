import { expect, test } from "bun:test";

import { throwIfAborted } from "../../src/base/abort.ts";
import { LullError } from "../../src/base/errors.ts";
import { sleep } from "../../src/base/sleep.ts";

test("without a signal, or with one that is not set, work goes on", () => {
  expect(() => throwIfAborted(undefined)).not.toThrow();
  expect(() => throwIfAborted(new AbortController().signal)).not.toThrow();
});

test("a set signal interrupts with exit code 130's kind", () => {
  expect(() => throwIfAborted(AbortSignal.abort())).toThrow(
    expect.objectContaining({ kind: "interrupted", code: "INTERRUPTED" }),
  );
});

test("a signal's own reason is thrown when it says more", () => {
  const reason = new LullError({ kind: "unreachable", code: "TIMEOUT", message: "too slow" });
  expect(() => throwIfAborted(AbortSignal.abort(reason))).toThrow(reason);
});

test("sleep ends by itself", async () => {
  expect(await sleep(0, new AbortController().signal)).toBeUndefined();
});

test("sleep ends at once when it is interrupted, before or meanwhile", async () => {
  const long = 3_600_000;
  const interrupted = expect.objectContaining({ code: "INTERRUPTED" });
  await expect(sleep(long, AbortSignal.abort())).rejects.toEqual(interrupted);
  const controller = new AbortController();
  const waiting = sleep(long, controller.signal);
  controller.abort();
  await expect(waiting).rejects.toEqual(interrupted);
});
