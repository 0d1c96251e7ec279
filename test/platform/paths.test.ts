import { expect, test } from "bun:test";

import { resolvePlaces } from "../../src/platform/paths.ts";

test("Linux follows the XDG base directories", () => {
  const system = "linux";
  expect(resolvePlaces({ environment: {}, home: "/home/ada", system })).toEqual({
    configDirectory: "/home/ada/.config/lull",
    configFile: "/home/ada/.config/lull/config.yaml",
    dataDirectory: "/home/ada/.local/share/lull",
    stateDirectory: "/home/ada/.local/state/lull",
    cacheDirectory: "/home/ada/.cache/lull",
  });
  const moved = { XDG_CONFIG_HOME: "/c", XDG_DATA_HOME: "/d", XDG_STATE_HOME: "/s", XDG_CACHE_HOME: "/k" };
  expect(resolvePlaces({ environment: moved, home: "/home/ada", system })).toEqual({
    configDirectory: "/c/lull",
    configFile: "/c/lull/config.yaml",
    dataDirectory: "/d/lull",
    stateDirectory: "/s/lull",
    cacheDirectory: "/k/lull",
  });
});

test("a relative or empty XDG value is ignored, as the specification asks", () => {
  const environment = { XDG_CONFIG_HOME: "relative", XDG_DATA_HOME: "" };
  const places = resolvePlaces({ environment, home: "/home/ada", system: "linux" });
  expect(places.configFile).toBe("/home/ada/.config/lull/config.yaml");
  expect(places.dataDirectory).toBe("/home/ada/.local/share/lull");
});

test("macOS keeps the config in ~/.config and the rest where the system wants it", () => {
  expect(resolvePlaces({ environment: {}, home: "/Users/ada", system: "macos" })).toEqual({
    configDirectory: "/Users/ada/.config/lull",
    configFile: "/Users/ada/.config/lull/config.yaml",
    dataDirectory: "/Users/ada/Library/Application Support/lull",
    stateDirectory: "/Users/ada/Library/Application Support/lull/state",
    cacheDirectory: "/Users/ada/Library/Caches/lull",
  });
});

test("Windows uses roaming and local AppData", () => {
  const environment = {
    APPDATA: String.raw`C:\Users\ada\AppData\Roaming`,
    LOCALAPPDATA: String.raw`C:\Users\ada\AppData\Local`,
  };
  expect(resolvePlaces({ environment, home: String.raw`C:\Users\ada`, system: "windows" })).toEqual({
    configDirectory: String.raw`C:\Users\ada\AppData\Roaming\lull`,
    configFile: String.raw`C:\Users\ada\AppData\Roaming\lull\config.yaml`,
    dataDirectory: String.raw`C:\Users\ada\AppData\Local\lull\data`,
    stateDirectory: String.raw`C:\Users\ada\AppData\Local\lull\state`,
    cacheDirectory: String.raw`C:\Users\ada\AppData\Local\lull\cache`,
  });
});

test("LULL_HOME puts everything under one folder, and must be absolute", () => {
  const at = (value: string) =>
    resolvePlaces({ environment: { LULL_HOME: value }, home: "/home/ada", system: "linux" });
  expect(at("/stick")).toEqual({
    configDirectory: "/stick/config",
    configFile: "/stick/config/config.yaml",
    dataDirectory: "/stick/data",
    stateDirectory: "/stick/state",
    cacheDirectory: "/stick/cache",
  });
  expect(() => at("stick")).toThrow("relative path");
});
