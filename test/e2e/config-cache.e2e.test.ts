/** The binary remembers a config that it has checked; nobody may ever notice but by the clock. */
import { expect, test } from "bun:test";
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { cli, inProcess } from "../helpers/cli-runner.ts";
import { makeDevice } from "../helpers/device.ts";
import { cannotRun } from "../helpers/skip.ts";

test("an edit by hand counts at once, and so does a mistake; a damaged memory does no harm", async () => {
  const laptop = makeDevice("laptop");
  laptop.write("a.md", "a\n");
  await laptop.lull(["init", "notes"]);
  const before = (await laptop.lull(["list"])).stdout;
  expect((await laptop.lull(["list"])).stdout).toBe(before);
  const cache = join(laptop.stateDirectory, "checked-config");
  expect(existsSync(cache)).toBe(cli.kind === "binary");

  const text = readFileSync(laptop.configFile, "utf8");
  writeFileSync(laptop.configFile, text.replace(/^ {2}notes:/m, "  letters:"));
  expect((await laptop.lull(["list"])).stdout).toContain("letters");
  writeFileSync(laptop.configFile, `${text}nonsense: true\n`);
  expect((await laptop.lull(["list"], 2)).stderr).toContain("nonsense");
  writeFileSync(laptop.configFile, text);
  expect((await laptop.lull(["list"])).stdout).toBe(before);

  if (cli.kind === "in-process") return;
  writeFileSync(cache, "damaged", { mode: 0o600 });
  expect((await laptop.lull(["list"])).stdout).toBe(before);
  expect(statSync(cache).size).toBeGreaterThan(100);
});

test("from source nothing is remembered: the next edit of the program would go unseen", async () => {
  const laptop = makeDevice("laptop", {}, inProcess);
  await laptop.lull(["init", "--yes"]);
  await laptop.lull(["list"]);
  expect(existsSync(join(laptop.stateDirectory, "checked-config"))).toBe(false);
});

test.skipIf(
  cannotRun(process.platform === "win32", "a memory that others can write: Windows has no such bits"),
)("a memory that others can write is not believed", async () => {
  const laptop = makeDevice("laptop");
  laptop.write("a.md", "a\n");
  await laptop.lull(["init", "notes"]);
  await laptop.lull(["list"]);
  if (cli.kind === "in-process") return;
  const cache = join(laptop.stateDirectory, "checked-config");
  const [key = "", , json = ""] = readFileSync(cache, "utf8").split("\n");
  const planted = json.replaceAll('"notes"', '"planted"');
  const hash = new Bun.CryptoHasher("sha256").update(planted).digest("hex");
  writeFileSync(cache, `${key}\n${hash}\n${planted}`);
  expect((await laptop.lull(["list"])).stdout).toContain("planted");
  chmodSync(cache, 0o666);
  expect((await laptop.lull(["list"])).stdout).not.toContain("planted");
  expect(statSync(cache).mode & 0o777).toBe(0o600);
});
