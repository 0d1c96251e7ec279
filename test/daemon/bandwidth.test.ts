import { expect, test } from "bun:test";

import { shareBandwidth } from "../../src/app/share-bandwidth.ts";
import { makeRig, type Rig, testConfig } from "./rig.ts";

const NONE = { upload: undefined, download: undefined };

/** What each source's sync was told last. */
function limitsOf({ children }: Rig): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    children.flatMap(({ orders }) => {
      const sync = orders.findLast((order) => order.kind === "sync");
      const told = orders.findLast((order) => order.kind === "bandwidth");
      return sync?.kind === "sync"
        ? [[sync.source.name, told?.kind === "bandwidth" ? told.limits : NONE]]
        : [];
    }),
  );
}

test("syncs that run at once share the limit, and one that is alone has all of it", async () => {
  const sources = { a: {}, b: { bandwidth: { download: 3000 } } };
  const rig = makeRig(testConfig(sources, { bandwidth: { upload: 1000, download: 8000 } }));
  rig.controls.result = () => undefined;
  await rig.daemon.start();
  rig.daemon.request(["a"]);
  await rig.timers.pass(0);
  expect(limitsOf(rig)).toEqual({ a: { upload: 1000, download: 8000 } });
  // It is told before it is told to begin.
  expect(rig.children[0]?.orders.map(({ kind }) => kind)).toEqual(["bandwidth", "sync"]);
  rig.daemon.request(["b"]);
  await rig.timers.pass(0);
  expect(limitsOf(rig)).toEqual({
    a: { upload: 500, download: 4000 },
    b: { upload: 500, download: 3000 },
  });
  rig.finish("a", { outcome: "up-to-date" });
  await rig.timers.pass(0);
  expect(limitsOf(rig)).toMatchObject({ b: { upload: 1000, download: 3000 } });
  rig.finish("b", { outcome: "up-to-date" });
  await rig.timers.pass(0);
  await rig.stop();
});

test("a config that is read anew counts for the sync that runs", async () => {
  const rig = makeRig(testConfig({ a: {} }));
  rig.controls.result = () => undefined;
  await rig.daemon.start();
  rig.daemon.request(["a"]);
  await rig.timers.pass(0);
  // Nothing is limited, so there is nothing to say.
  expect(rig.children[0]?.orders.map(({ kind }) => kind)).toEqual(["sync"]);
  rig.controls.config = testConfig(
    { a: { bandwidth: { upload: 70 } } },
    { bandwidth: { upload: 90, download: 5 } },
  );
  await rig.daemon.reload();
  expect(limitsOf(rig)).toEqual({ a: { upload: 70, download: 5 } });
  rig.controls.config = testConfig({ a: {} });
  await rig.daemon.reload();
  expect(limitsOf(rig)).toEqual({ a: {} });
  rig.finish("a", { outcome: "up-to-date" });
  await rig.timers.pass(0);
  await rig.stop();
});

test("a share is never nothing, and never more than the source's own limit", () => {
  const own = (upload: number | undefined) => ({ bandwidth: { upload, download: undefined } });
  expect(shareBandwidth({ upload: 2, download: undefined }, own(undefined), 64)).toEqual({
    ...NONE,
    upload: 1,
  });
  expect(shareBandwidth(NONE, own(7), 3)).toEqual({ ...NONE, upload: 7 });
  expect(shareBandwidth({ ...NONE, upload: 9 }, own(7), 3)).toEqual({ ...NONE, upload: 3 });
});
