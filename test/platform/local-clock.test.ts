import { describe, expect, test } from "bun:test";

import { systemClock } from "../../src/base/clock.ts";
import { localClock } from "../../src/platform/local-clock.ts";

const MONTH = 30 * 24 * 60 * 60 * 1000;
const FROM = Date.UTC(1972, 0, 1);
const MOMENTS = Array.from({ length: 800 }, (_, number) => FROM + number * MONTH);

/** What both clocks say at these moments, in a process with this environment. */
function offsets(env: Readonly<Record<string, string>>): { ours: number[]; runtime: number[] } {
  const script = `
    import { systemClock } from "${import.meta.dir}/../../src/base/clock.ts";
    import { localClock } from "${import.meta.dir}/../../src/platform/local-clock.ts";
    const moments = ${JSON.stringify(MOMENTS)};
    console.log(JSON.stringify({
      ours: moments.map((at) => localClock.utcOffset(at)),
      runtime: moments.map((at) => systemClock.utcOffset(at)),
    }));`;
  const ended = Bun.spawnSync([process.execPath, "-e", script], { env: { PATH: "/usr/bin:/bin", ...env } });
  return JSON.parse(ended.stdout.toString());
}

describe("the offset to UTC", () => {
  test("is that of the runtime in this process", () => {
    for (const at of MOMENTS) expect(localClock.utcOffset(at)).toBe(systemClock.utcOffset(at));
  });

  test("is that of the runtime without TZ, and with zones of all kinds in it", () => {
    for (const TZ of [
      undefined,
      "Europe/Rome",
      "America/St_Johns",
      "Asia/Kathmandu",
      "UTC",
      "",
      "Nowhere/At_All",
    ]) {
      const { ours, runtime } = offsets(TZ === undefined ? {} : { TZ });
      expect(ours).toHaveLength(MOMENTS.length);
      expect(ours).toEqual(runtime);
    }
  });
});
