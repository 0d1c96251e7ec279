import { expect, test } from "bun:test";

import type { Places } from "../../src/platform/paths.ts";
import { composeSettings } from "../../src/compose/settings.ts";

const places: Places = {
  configFile: "/c/config.yaml",
  configDirectory: "/c",
  dataDirectory: "/d",
  stateDirectory: "/s",
  cacheDirectory: "/k",
} as Places;

test("preferences go through the system's own defaults, and only macOS has them", () => {
  const of = (system: "linux" | "macos" | "windows") =>
    composeSettings({ env: {}, home: "/h", places, system }).preferences;
  expect(of("macos")).toMatchObject({ folder: "/s/preferences", program: "/usr/bin/defaults" });
  expect([of("linux"), of("windows")]).toEqual([undefined, undefined]);
});
