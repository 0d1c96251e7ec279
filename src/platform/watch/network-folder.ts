/** Folders whose changes this machine's kernel does not see all of, since others make them too. */
import { readFileSync } from "node:fs";
import { realpath, statfs } from "node:fs/promises";

import { currentSystem } from "../system.ts";

/** Of statfs(2) on Linux. FUSE is the kernel's word for sshfs, rclone, google-drive-ocamlfuse and the like. */
const NETWORK: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB2"],
  [0x01021997, "9p"],
  [0x65735546, "FUSE"],
  [0x5346414f, "AFS"],
  [0x6b414653, "AFS"],
  [0x00c36400, "Ceph"],
  [0x73757245, "Coda"],
  [0x564c, "NCP"],
  [0x786f4256, "VirtualBox's shared folders"],
  [0xbacbacbc, "VMware's shared folders"],
]);
/** FUSE over a disk of this machine: all changes come through the kernel. */
const LOCAL_FUSE = new Set(["fuseblk"]);

/**
 * Returns what the folder's file system is called when changes by others cause no events; undefined for local ones and
 * when it can not be told. Does not block where the server of a network folder does not answer.
 * @param folder absolute
 */
export async function networkFileSystem(folder: string): Promise<string | undefined> {
  switch (currentSystem()) {
    case "windows":
      return /^(?:\\\\|\/\/)(?![.?])/.test(folder) ? "a network share" : undefined;
    case "macos":
      // FSEvents speaks for whatever is mounted; the numbers of statfs say nothing there.
      return undefined;
    case "linux":
      return fileSystemName((await statfs(folder)).type, await realpath(folder), mountInfo());
  }
}

/**
 * @param type of statfs(2) on Linux
 * @param mounts text of proc_pid_mountinfo(5)
 */
export function fileSystemName(type: number, folder: string, mounts: string): string | undefined {
  const name = NETWORK.get(type >>> 0);
  if (name !== "FUSE") return name;
  const mounted = mountedAs(folder, mounts);
  if (LOCAL_FUSE.has(mounted ?? "")) return undefined;
  const program = /^fuse\.(.+)$/.exec(mounted ?? "")?.[1];
  return program === undefined ? name : `${name} (${program})`;
}

/** The type by which the file system was mounted on which the folder lies. */
function mountedAs(folder: string, mounts: string): string | undefined {
  let found = { at: "", type: "" };
  for (const line of mounts.split("\n")) {
    const [left = "", right = ""] = line.split(" - ");
    const [type = ""] = right.split(" ");
    const at = unescaped(left.split(" ")[4] ?? "");
    const isAbove = at === "/" || folder === at || folder.startsWith(`${at}/`);
    // Of two in one place the later one counts.
    if (type !== "" && isAbove && at.length >= found.at.length) found = { at, type };
  }
  return found.type;
}

/** Spaces and the like stand there as `\040`. */
function unescaped(text: string): string {
  return text.replaceAll(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

function mountInfo(): string {
  try {
    return readFileSync("/proc/self/mountinfo", "utf8");
  } catch {
    return "";
  }
}
