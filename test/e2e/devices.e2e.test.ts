import { expect, test } from "bun:test";
import { renameSync } from "node:fs";
import { join } from "node:path";

import { makeDevice, type Device } from "../helpers/device.ts";
import { fsck, git, temporaryDirectory } from "../helpers/system-git.ts";

async function pair(): Promise<{ laptop: Device; desktop: Device; remote: string }> {
  const remote = join(temporaryDirectory(), "remote.git");
  git(temporaryDirectory(), "init", "--bare", remote);
  const [laptop, desktop] = [makeDevice("laptop"), makeDevice("desktop")];
  laptop.write("todo.md", "- milk\n");
  for (const device of [laptop, desktop]) {
    await device.lull(["add", "notes", "--remote", remote]);
    await device.lull(["sync"]);
  }
  return { laptop, desktop, remote };
}

async function names(device: Device, ...args: readonly string[]): Promise<readonly string[]> {
  const { json } = await device.json(["device", "list", ...args]);
  return (json as { devices: readonly { name: string }[] }).devices.map(({ name }) => name);
}

test("both devices are on the list of both, this one first; without the remote the last list counts", async () => {
  const { laptop, desktop, remote } = await pair();
  expect(await names(laptop)).toEqual(["laptop", "desktop"]);
  expect(await names(desktop)).toEqual(["desktop", "laptop"]);
  const shown = await laptop.lull(["device", "list"]);
  expect(shown.stdout).toContain("laptop (this one)");
  expect(shown.stdout).toContain("within a day");
  renameSync(remote, `${remote}.away`);
  const offline = await laptop.lull(["device", "list"]);
  expect(offline.stdout).toContain("desktop");
  expect(offline.stderr).toContain("notes, origin:");
  expect(await names(laptop, "--offline")).toEqual(["laptop", "desktop"]);
});

test("a renamed device stays one device", async () => {
  const { laptop, desktop } = await pair();
  expect((await laptop.lull(["device", "rename", "work laptop"])).stdout).toContain(
    "laptop is now work laptop",
  );
  await laptop.lull(["sync"]);
  expect(await names(desktop)).toEqual(["desktop", "work laptop"]);
});

test("a forgotten device is off the list of all until it syncs again", async () => {
  const { laptop, desktop, remote } = await pair();
  expect((await laptop.lull(["device", "forget", "desktop", "--dry-run"])).stdout).toContain("Would forget");
  await laptop.lull(["device", "forget", "desktop"]);
  expect(await names(laptop)).toEqual(["laptop"]);
  expect(await names(desktop)).toEqual(["laptop"]);
  await desktop.lull(["sync"]);
  expect(await names(laptop)).toEqual(["laptop", "desktop"]);
  fsck(remote);
});

test("a name that is none, and this very device, are refused with the next step", async () => {
  const { laptop } = await pair();
  expect((await laptop.lull(["device", "forget", "deskto"], 2)).stderr).toContain('did you mean "desktop"?');
  expect((await laptop.lull(["device", "forget", "laptop"], 2)).stderr).toContain("is this device");
});
