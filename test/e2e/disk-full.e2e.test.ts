/**
 * A disk that runs full in the middle of a sync. Needs a small file system of its own, which only Linux's root may
 * mount; elsewhere the tests are skipped with the reason, and with `CI` set they fail instead.
 */
import { afterAll, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, truncateSync, writeSync } from "node:fs";
import { join } from "node:path";

import { expectConverged, makeDevice, type Device } from "../helpers/device.ts";
import { seededRandom } from "../helpers/random.ts";
import { cannotRun } from "../helpers/skip.ts";
import { fsck, git, temporaryDirectory } from "../helpers/system-git.ts";

const mounted: string[] = [];

afterAll(() => {
  for (const folder of mounted.reverse()) spawnSync("umount", ["--lazy", folder]);
});

const hindrance = mountHindrance();
const onSmallDisk = test.skipIf(cannotRun(hindrance !== undefined, `tests with a full disk: ${hindrance}`));

/** How much is left free: from nothing at all to almost enough, so that each step of a sync hits the wall once. */
const LEFT_FREE = [0, 4096, 16_384, 40_960, 131_072, 400_000, 700_000, 1_000_000, 1_300_000];

onSmallDisk("a full disk under folder and remote is named, and nothing is lost or damaged", async () => {
  const { laptop, disk, remote } = await synced();
  const outcomes = new Set<number>();
  for (const [index, left] of LEFT_FREE.entries()) {
    laptop.write(`photo-${index}.raw`, noise(300_000, index));
    const edited = laptop.snapshot();
    const ballast = fillDisk(disk, left);
    const { code, json } = await laptop.json(["sync"]);
    outcomes.add(code);
    if (code !== 0) {
      expect({ left, json }).toMatchObject({
        json: { runs: [{ outcome: "failed", error: { kind: "failed" } }] },
      });
      expect(JSON.stringify(json)).toContain("disk is full");
      expect(JSON.stringify(json)).toContain("free some space");
      expect(code).toBe(1);
    }
    expect(laptop.snapshot()).toEqual(edited);
    fsck(laptop.notes);
    fsck(remote);
    rmSync(ballast);
    await laptop.lull(["sync"]);
    expectConverged([laptop], [remote]);
  }
  expect(outcomes).toEqual(new Set([0, 1]));
});

onSmallDisk("a full disk on the receiving side keeps the old files whole until there is room", async () => {
  const { laptop: desktop, disk, remote } = await synced();
  const other = makeDevice("other");
  await other.lull(["add", "notes", "--remote", remote]);
  await other.lull(["sync"]);
  const outcomes = new Set<number>();
  for (const [index, left] of LEFT_FREE.entries()) {
    // One file is replaced, one is new: the replaced one must be the old or the new one, never a half.
    other.write("a.bin", noise(200_000, 50 + index));
    other.write(`new-${index}.bin`, noise(100_000, 100 + index));
    const before = desktop.snapshot();
    await other.lull(["sync"]);
    const ballast = fillDisk(disk, left);
    const { code, json } = await desktop.json(["sync"]);
    outcomes.add(code);
    if (code !== 0) {
      expect(JSON.stringify(json)).toContain("disk is full");
      expect(code).toBe(1);
    }
    const now = desktop.snapshot();
    expect([before["a.bin"], other.snapshot()["a.bin"]]).toContain(now["a.bin"]);
    fsck(desktop.notes);
    rmSync(ballast);
    await desktop.lull(["sync"]);
    expectConverged([desktop, other], [remote]);
  }
  expect(outcomes).toEqual(new Set([0, 1]));
});

onSmallDisk("a full disk under lull's own history does not undo a sync that worked", async () => {
  const remote = join(temporaryDirectory(), "remote.git");
  git(temporaryDirectory(), "init", "--bare", remote);
  const laptop = makeDevice("laptop");
  const disk = mountDisk(join(laptop.home, ".local"));
  laptop.write("a.md", "one\n");
  await laptop.lull(["add", "notes", "--remote", remote]);
  await laptop.lull(["sync"]);
  laptop.write("a.md", "two\n");
  const ballast = fillDisk(disk, 0);
  const full = await laptop.lull(["sync"]);
  expect(full.stdout).toContain("sent 1 commit");
  expect(full.stderr).toContain("Warning:");
  expect(full.stderr).toContain("disk is full");
  expectConverged([laptop], [remote]);
  expect((await laptop.lull(["status"])).stdout).toContain("notes");
  // Reading may work or not: a history that is open already needs no room, one that must be opened does.
  const log = await laptop.json(["log"]);
  expect(JSON.stringify(log.json)).toMatch(/disk is full|"outcome":"synced"/);
  rmSync(ballast);
  laptop.write("a.md", "three\n");
  await laptop.lull(["sync"]);
  expect((await laptop.lull(["log"])).stdout).toContain("committed 1 file, sent 1 commit");
});

/** A device whose folder, and the remote, live on a small disk; its config and history do not. */
async function synced(): Promise<{
  readonly laptop: Device;
  readonly disk: string;
  readonly remote: string;
}> {
  const laptop = makeDevice("laptop");
  const disk = join(laptop.outside, "disk");
  mountDisk(disk);
  mkdirSync(join(disk, "notes"));
  mount(["--bind", join(disk, "notes")], laptop.notes);
  const remote = join(disk, "remote.git");
  git(disk, "init", "--bare", remote);
  laptop.write("a.bin", noise(200_000, 1000));
  await laptop.lull(["add", "notes", "--remote", remote]);
  await laptop.lull(["sync"]);
  return { laptop, disk, remote };
}

function mountDisk(folder: string): string {
  mount(["-t", "tmpfs", "-o", "size=24m,mode=0700", "tmpfs"], folder);
  return folder;
}

function mount(options: readonly string[], folder: string): void {
  mkdirSync(folder, { recursive: true });
  const result = spawnSync("mount", [...options, folder], { encoding: "utf8" });
  if (result.status !== 0) throw new Error(`mount: ${result.error?.message ?? result.stderr}`);
  mounted.push(folder);
}

/** Returns why no small file system can be had here; undefined when it can. */
function mountHindrance(): string | undefined {
  if (process.platform !== "linux") return `${process.platform} has no tmpfs`;
  try {
    mountDisk(join(temporaryDirectory(), "probe"));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.trim() : String(error);
  }
}

/** Fills the disk up to the last byte, then gives so many back. Returns the file that takes the room. */
function fillDisk(disk: string, left: number): string {
  const ballast = join(disk, "ballast");
  const handle = openSync(ballast, "w");
  let size = 0;
  for (let piece = 1 << 20; piece >= 1;) {
    try {
      size += writeSync(handle, new Uint8Array(piece));
    } catch {
      piece >>= 1;
    }
  }
  closeSync(handle);
  truncateSync(ballast, Math.max(0, size - left));
  return ballast;
}

/** Bytes that do not compress, the same for the same seed. */
function noise(length: number, seed: number): Uint8Array {
  const random = seededRandom(seed);
  return Uint8Array.from({ length }, () => random.below(256));
}
