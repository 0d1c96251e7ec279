/**
 * Runs around every test file: gives it a temporary folder of its own and fails it when it leaves something behind.
 * With `bun test` in one process instead of `--parallel`, it runs once around all files.
 */
import { afterAll } from "bun:test";
import { mkdtempSync, readdirSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { measureFile } from "./file-cost.ts";
import { leakedSince, observe } from "./leak-check.ts";
import { rememberTemporary, removeTemporary } from "./temporary.ts";

const tellCost = measureFile();
const before = observe();
const outer = process.env["TMPDIR"];
const own = realpathSync(mkdtempSync(join(tmpdir(), "lull-tests-")));
process.env["TMPDIR"] = own;

afterAll(async () => {
  removeTemporary();
  // A file that is about the disk has moved to a place of its own there (`on-disk.ts`).
  const places = new Set([own, process.env["TMPDIR"] ?? own]);
  const leaks = [
    ...(await leakedSince(before)),
    ...[...places].flatMap((place) => readdirSync(place)).map((name) => `temporary folder or file ${name}`),
  ];
  for (const place of places) rememberTemporary(place);
  removeTemporary();
  if (outer === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = outer;
  tellCost();
  if (leaks.length > 0) throw new Error(`this test file left behind:\n  ${leaks.join("\n  ")}`);
});
