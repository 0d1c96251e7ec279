import { expect, test } from "bun:test";

import { SharedProgress } from "../../src/sync/shared-progress.ts";

test("what several remotes tell at once is one figure, which never goes back while they work", () => {
  const told: unknown[] = [];
  const shared = new SharedProgress((...figures) => void told.push(figures));
  const web = shared.begin("web");
  const usb = shared.begin("usb");
  web("sending", 10, 100, "bytes");
  usb("sending", 5, undefined, "bytes");
  usb("sending", 20, 50, "bytes");
  web("sending", 100, 100, "bytes");
  usb("sending", 50, 50, "bytes");
  expect(told).toEqual([
    ["sending", 10, 100, "bytes"],
    ["sending", 15, undefined, "bytes"],
    ["sending", 30, 150, "bytes"],
    ["sending", 120, 150, "bytes"],
    ["sending", 150, 150, "bytes"],
  ]);
});

test("what a remote begins anew does not count twice", () => {
  const told: unknown[] = [];
  const shared = new SharedProgress((...figures) => void told.push(figures));
  shared.begin("web")("receiving", 70, 70, "bytes");
  shared.begin("web")("receiving", 10, 30, "bytes");
  expect(told.at(-1)).toEqual(["receiving", 10, 30, "bytes"]);
});
