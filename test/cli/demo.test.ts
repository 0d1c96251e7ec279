import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { demoFiles, withDemoFolder } from "../../src/cli/demo-folder.ts";
import { demoLine, demoNext } from "../../src/cli/print/demo.ts";
import { createStyle } from "../../src/cli/style.ts";
import { world } from "./commands/fake-deps.ts";

const plain = createStyle(false);

test("the demo's folder holds two homes and is removed, also after an error", async () => {
  const kept: string[] = [];
  await withDemoFolder(async (directory) => {
    kept.push(directory);
    expect(existsSync(join(directory, "laptop")) && existsSync(join(directory, "desktop"))).toBe(true);
  });
  const failing = withDemoFolder(async (directory) => {
    kept.push(directory);
    throw new Error("stop");
  });
  expect(await failing.catch((error: unknown) => String(error))).toBe("Error: stop");
  expect(kept.map((directory) => existsSync(directory))).toEqual([false, false]);
});

test("the demo's files can be written, read, removed and compared without the repository", async () => {
  await withDemoFolder(async (directory) => {
    const at = (path: string): string => join(directory, path);
    demoFiles.write(at("notes/deep/a.md"), "a\n");
    demoFiles.write(at("notes/b.md"), "b\n");
    demoFiles.write(at("notes/.git/HEAD"), "ref\n");
    expect(demoFiles.read(at("notes/deep/a.md"))).toBe("a\n");
    expect([...demoFiles.snapshot(at("notes")).keys()].sort()).toEqual(["b.md", join("deep", "a.md")]);
    demoFiles.remove(at("notes/b.md"));
    expect(demoFiles.snapshot(at("notes")).size).toBe(1);
  });
});

test("the story stands at the margin, a device's deeds below it with their time", () => {
  expect(demoLine({ device: undefined, text: "Both sides edit.", ms: undefined }, plain)).toBe(
    "Both sides edit.",
  );
  expect(demoLine({ device: "laptop", text: "lull sync", ms: 40 }, plain)).toBe(
    "  laptop   lull sync (40 ms)",
  );
  expect(demoLine({ device: "desktop", text: "edits a\u001B", ms: undefined }, plain)).toBe(
    "  desktop  edits a\\x1b",
  );
  expect(demoNext(plain).filter((line) => line.startsWith("  lull "))).toHaveLength(3);
});

test("each device of the demo gets a home of its own and none of the person's settings", async () => {
  const set = world();
  await set.run(["demo"], {
    env: { HOME: "/home/me", LULL_CONFIG: "mine.yaml", GITHUB_TOKEN: "t", PATH: "/bin" },
  });
  const homes = set.composed.map(({ env }) => env["HOME"] ?? "");
  expect(homes.map((home) => home.split("/").at(-1))).toEqual(["laptop", "desktop"]);
  for (const { env, configFile } of set.composed) {
    expect(configFile).toBeUndefined();
    expect(env["PATH"]).toBe("/bin");
    expect(env["LULL_HOME"]).toBe(`${env["HOME"]}/.lull`);
    expect(Object.keys(env)).not.toContain("GITHUB_TOKEN");
    expect(Object.keys(env)).not.toContain("LULL_CONFIG");
  }
});
