import { statfsSync } from "node:fs";

/**
 * Linux file systems on a disk of this machine, which tell the truth: syncfs waits for the disk and passes errors on,
 * and a folder's times change with every name that comes or goes. Not among them: FUSE (the program behind it decides),
 * overlayfs (errors of the lower file system are lost), network file systems.
 */
const LOCAL: ReadonlySet<number> = new Set([
  0xef53, // ext4
  0x9123683e, // btrfs
  0x58465342, // xfs
  0xf2f52010, // f2fs
  0x01021994, // tmpfs: there is no disk behind it
]);

/** False also when it cannot be told. */
export function isLocalFileSystem(folder: string): boolean {
  try {
    return LOCAL.has(statfsSync(folder).type >>> 0);
  } catch {
    return false;
  }
}
