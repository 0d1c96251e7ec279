/**
 * Finds what a test left behind in this process: child processes that still run and sockets that still listen. Reads
 * `/proc`, so it sees nothing on other systems; there the Linux run of the same tests has to do.
 */
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";

export type Observation = {
  readonly children: ReadonlyMap<number, string>;
  readonly listeners: ReadonlySet<string>;
};

/** How long something that is already closing may take until it counts as left behind. */
const GRACE_MS = 2000;

export function observe(): Observation {
  if (!existsSync("/proc/self/task")) return { children: new Map(), listeners: new Set() };
  return { children: runningChildren(), listeners: listeningSockets() };
}

/** Returns one line for each leak since the observation, after a grace time in which things may end by themselves. */
export async function leakedSince(before: Observation, graceMs = GRACE_MS): Promise<readonly string[]> {
  for (let waited = 0; ; waited += 20) {
    const now = observe();
    const leaks = [
      ...[...now.children]
        .filter(([pid]) => !before.children.has(pid))
        .map(([pid, command]) => `process ${pid} (${command})`),
      ...[...now.listeners]
        .filter((socket) => !before.listeners.has(socket))
        .map((socket) => `server on ${socket}`),
    ];
    if (leaks.length === 0 || waited >= graceMs) return leaks;
    await Bun.sleep(20);
  }
}

/** Process id → command line; a process that has ended and only waits to be reaped does not count. */
function runningChildren(): Map<number, string> {
  const children = new Map<number, string>();
  for (const thread of readdirSync("/proc/self/task")) {
    for (const pid of readOr(`/proc/self/task/${thread}/children`, "").split(" ").filter(Boolean)) {
      const state = / ([A-Z]) /.exec(readOr(`/proc/${pid}/stat`, " Z ").replace(/^.*\)/, ")"))?.[1];
      if (state === "Z") continue;
      children.set(Number(pid), readOr(`/proc/${pid}/cmdline`, "").replaceAll("\0", " ").trim());
    }
  }
  return children;
}

/** `port 4711` or a socket's path, for each socket of this process that accepts connections. */
function listeningSockets(): Set<string> {
  const own = new Set<string>();
  for (const handle of readdirSync("/proc/self/fd")) {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${handle}`))?.[1];
      if (inode !== undefined) own.add(inode);
    } catch {
      // The handle with which the folder was read is gone by now.
    }
  }
  const sockets = new Set<string>();
  for (const table of ["tcp", "tcp6"]) {
    for (const line of readOr(`/proc/self/net/${table}`, "").split("\n").slice(1)) {
      const columns = line.trim().split(/\s+/);
      const LISTEN = "0A";
      if (columns[3] !== LISTEN || !own.has(columns[9] ?? "")) continue;
      sockets.add(`port ${Number.parseInt(columns[1]?.split(":")[1] ?? "0", 16)}`);
    }
  }
  for (const line of readOr("/proc/self/net/unix", "").split("\n").slice(1)) {
    const columns = line.trim().split(/\s+/);
    const ACCEPTS = "00010000";
    if (columns[3] === ACCEPTS && own.has(columns[6] ?? "")) sockets.add(columns[7] ?? "an unnamed socket");
  }
  return sockets;
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return otherwise;
  }
}
