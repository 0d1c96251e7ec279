/** 200 MB over every way to a remote, there and back: unchanged, and in little memory. */
import { expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import "../helpers/on-disk.ts";
import { measured, peakIn } from "../bench/peak-memory.ts";
import { cli } from "../helpers/cli-runner.ts";
import type { Device } from "../helpers/device.ts";
import { largeFiles } from "../helpers/large-files.ts";
import { fsck, git } from "../helpers/system-git.ts";
import { bareRepository, describeWays } from "../helpers/ways.ts";

/** Smaller ones of the sources are those of `test/transport/suite`; this is about the program that people have. */
const binary = cli.kind === "binary" ? process.env["LULL_E2E_BINARY"] : undefined;
const MEGABYTES = binary === undefined ? 5 : 200;
const MOST_MEMORY = 300_000_000;
/** A machine that does other things meanwhile takes five times the usual time. */
const TIMEOUT_MS = 180_000;

describeWays((way) => {
  test(
    `${MEGABYTES} MB go up and come down unchanged`,
    async () => {
      const { url, device } = way();
      const remote = bareRepository("large");
      // What comes is kept as it is, and nobody looks for likenesses in it: this is no test of the server's patience.
      git(remote, "config", "receive.unpackLimit", "1");
      git(remote, "config", "core.bigFileThreshold", "1m");
      const [laptop, desktop] = [await device("laptop"), await device("desktop")];
      mkdirSync(laptop.notes, { recursive: true });
      largeFiles(laptop.notes, MEGABYTES);
      for (const each of [laptop, desktop]) {
        await each.lull(["add", "notes", "--remote", url(remote)]);
        expect(await peakOfSync(each)).toBeLessThan(MOST_MEMORY);
      }
      fsck(remote);
      expectSameFiles(laptop.notes, desktop.notes);
      expect(git(desktop.notes, "rev-parse", "HEAD")).toBe(git(remote, "rev-parse", "main"));
    },
    TIMEOUT_MS,
  );
});

/** Returns 0 where it can not be told. */
async function peakOfSync(device: Device): Promise<number> {
  if (binary === undefined) {
    await device.lull(["sync"]);
    return 0;
  }
  const child = Bun.spawn([...measured([binary, "sync"])], {
    cwd: device.home,
    env: { ...device.env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0) throw new Error(`lull sync ended with ${code}: ${stdout}${stderr}`);
  return peakIn(stderr) ?? 0;
}

/** By their bytes, one file after the other: the hashes of a tree snapshot take longer than the transfer. */
function expectSameFiles(one: string, other: string): void {
  const names = (folder: string): readonly string[] => readdirSync(folder).filter((name) => name !== ".git");
  expect(names(one)).toEqual(names(other));
  expect(names(one)).toHaveLength(5);
  for (const name of names(one)) {
    expect(readFileSync(join(one, name)).equals(readFileSync(join(other, name)))).toBe(true);
  }
}
