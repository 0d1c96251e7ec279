import { expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import { readFileSync } from "node:fs";

import { trimMemory } from "../../src/platform/trim-memory.ts";
import { cannotRun } from "../helpers/skip.ts";

const onLinux = test.skipIf(cannotRun(process.platform !== "linux", "memory is given back on Linux only"));

/** Pages of files, in bytes. */
function residentOfFiles(): number {
  const [, kilobytes = ""] = /^RssFile:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return Number(kilobytes) * 1024;
}

onLinux("what only the start has touched goes back, and everything works on", () => {
  using database = new Database(":memory:");
  const pattern = /(\p{L}+)-(\d+)/gu;
  const work = (): unknown => [
    database.query("SELECT sum(value) AS sum FROM json_each('[1, 2, 3]')").get(),
    "grün-12 blau-7".replace(pattern, "$2 $1"),
    new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Tokyo", dateStyle: "full" }).format(0),
    new Bun.CryptoHasher("sha256").update("lull").digest("hex"),
  ];
  const before = work();
  const used = residentOfFiles();
  trimMemory();
  expect(residentOfFiles()).toBeLessThan(used / 2);
  expect(work()).toEqual(before);
  trimMemory();
  expect(work()).toEqual(before);
});
