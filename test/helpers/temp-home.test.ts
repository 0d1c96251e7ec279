import { expect, test } from "bun:test";
import { existsSync } from "node:fs";

import { resolvePlaces } from "../../src/platform/paths.ts";
import { currentSystem } from "../../src/platform/system.ts";
import { tempHome } from "./temp-home.ts";

test("the environment of a temporary home inherits nothing of lull, XDG or ssh", () => {
  process.env["LULL_HOME"] = "/elsewhere";
  process.env["XDG_CONFIG_HOME"] = "/elsewhere";
  try {
    const { home, env, configFile } = tempHome({ LULL_TOKEN: "t" });
    const names = Object.keys(env).filter((name) => /^(?:LULL|XDG|SSH)_/.test(name));
    expect(names).toEqual(["LULL_TOKEN"]);
    expect(env["HOME"]).toBe(home);
    expect(configFile.startsWith(home)).toBe(true);
    expect([existsSync(home), existsSync(configFile)]).toEqual([true, false]);
  } finally {
    delete process.env["LULL_HOME"];
    delete process.env["XDG_CONFIG_HOME"];
  }
});

test("the folders it names are those that lull takes on this system", () => {
  const { home, env, configFile, dataDirectory, stateDirectory, cacheDirectory } = tempHome();
  expect(resolvePlaces({ environment: env, home, system: currentSystem() })).toMatchObject({
    configFile,
    dataDirectory,
    stateDirectory,
    cacheDirectory,
  });
});
