/** Folders whose changes this machine's kernel does not see all of, since others make them too. */
import { readFileSync } from "node:fs";
import { statfs } from "node:fs/promises";

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
      return networkName(await statfs(folder), folder);
  }
}

function networkName({ type }: { readonly type: number }, folder: string): string | undefined {
  const name = NETWORK.get(type >>> 0);
  return name === "FUSE" && LOCAL_FUSE.has(mountedAs(folder) ?? "") ? undefined : name;
}

/** The type by which the folder's file system is mounted, of proc_pid_mountinfo(5). */
function mountedAs(folder: string, table = "/proc/self/mountinfo"): string | undefined {
  let found: { readonly at: string; readonly type: string | undefined } | undefined;
  try {
    for (const line of readFileSync(table, "utf8").split("\n")) {
      const [left = "", right = ""] = line.split(" - ");
      const at = (left.split(" ")[4] ?? "").replaceAll(/\\(\d{3})/g, (_, octal: string) =>
        String.fromCharCode(Number.parseInt(octal, 8)),
      );
      const isAbove = at === "/" || folder === at || folder.startsWith(`${at}/`);
      if (at !== "" && isAbove && at.length >= (found?.at.length ?? 0))
        found = { at, type: right.split(" ")[0] };
    }
  } catch {
    return undefined;
  }
  return found?.type;
}
