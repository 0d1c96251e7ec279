import { expect, test } from "bun:test";

import { isRunning } from "../../src/settings/is-running.ts";

const running = { linux: ["transmission-gtk", "obs"], macos: ["OBS"], windows: ["OBS64.exe"] };

test.each([
  ["linux", "obs", true],
  ["linux", "OBS", false],
  ["linux", "obs-cli", false],
  // As /proc has it.
  ["linux", "transmission-gt", true],
  ["linux", "transmission-gtk", true],
  ["macos", "OBS", true],
  ["macos", "obs", false],
  ["windows", "obs64.exe", true],
] as const)("%s: %s: %p", (system, name, isIt) => {
  expect(isRunning({ running }, system, new Set([name]))).toBe(isIt);
});
