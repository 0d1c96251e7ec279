import { expect, jest, spyOn, test } from "bun:test";

import { endStartUpInTime } from "../../src/base/start-up.ts";

test("a process that lives on compiles as usual", () => {
  using setPolicy = spyOn(Bun.unsafe, "setJITPolicy");
  jest.useFakeTimers();
  try {
    endStartUpInTime();
    expect(setPolicy).not.toHaveBeenCalled();
    jest.runAllTimers();
    expect(setPolicy.mock.calls).toEqual([[1]]);
  } finally {
    jest.useRealTimers();
  }
});
