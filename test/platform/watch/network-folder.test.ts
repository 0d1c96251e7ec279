import { expect, test } from "bun:test";
import { existsSync } from "node:fs";

import { fileSystemName, networkFileSystem } from "../../../src/platform/watch/network-folder.ts";
import { temporaryDirectory } from "../../helpers/system-git.ts";

const NFS = 0x6969;
const FUSE = 0x65735546;
const EXT4 = 0xef53;
const TABLE = [
  "22 1 254:0 / / rw,relatime - ext4 /dev/vda rw",
  "23 22 0:21 / /home/me/my\\040server rw - fuse.sshfs me@server:/ rw",
  "24 22 8:1 / /media/stick rw - fuseblk /dev/sda1 rw",
  "25 22 0:30 / /home/me/cloud rw shared:7 - fuse.rclone cloud: rw",
  "",
].join("\n");

test.each([
  [NFS, "/mnt/nfs", "NFS"],
  [EXT4, "/home/me", undefined],
  [FUSE, "/home/me/my server/notes", "FUSE (sshfs)"],
  [FUSE, "/home/me/cloud", "FUSE (rclone)"],
  [FUSE, "/media/stick/notes", undefined],
  [FUSE, "/elsewhere", "FUSE"],
])("%d at %s is called %p", (type, folder, expected) => {
  expect(fileSystemName(type, folder, TABLE)).toBe(expected);
});

test("the disk and the memory of this machine are no network", async () => {
  expect(await networkFileSystem(temporaryDirectory())).toBeUndefined();
  if (existsSync("/dev/shm")) expect(await networkFileSystem("/dev/shm")).toBeUndefined();
});
