/**
 * A systemd user manager of a test's own: in a mount namespace that looks as if systemd had booted the machine, and in
 * a control group of its own, with which everything ends. Not in a process namespace: it answers nobody from outside.
 */
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { rememberTemporary } from "./temporary.ts";

export type UserManager = {
  readonly home: string;
  /** For programs that are to talk to it. */
  readonly env: Readonly<Record<string, string>>;
  readonly systemctl: (...words: string[]) => Promise<{ readonly code: number; readonly output: string }>;
  readonly stop: () => Promise<void>;
};

export type StartedManager =
  | { readonly kind: "started"; readonly manager: UserManager }
  | { readonly kind: "hindered"; readonly reason: string };

export function reasonOf(started: StartedManager): string {
  return started.kind === "hindered" ? started.reason : "";
}

/** @param userId whose manager it is; a plain user's is refused much that root's is not */
export async function startUserManager(userId = 0): Promise<StartedManager> {
  const missing = ["unshare", "systemctl"].find((program) => Bun.which(program) === null);
  const manager = ["/lib/systemd/systemd", "/usr/lib/systemd/systemd"].find((path) => existsSync(path));
  if (missing !== undefined || manager === undefined) return hindered(`there is no ${missing ?? "systemd"}`);
  if (process.getuid?.() !== 0) return hindered("namespaces need root");
  // Not in the test's own folder, into which nobody else may look.
  const home = rememberTemporary(mkdtempSync("/tmp/lull-systemd-"));
  const runtime = join(home, "run");
  mkdirSync(runtime, { mode: 0o700 });
  for (const folder of [home, runtime]) chownSync(folder, userId, userId);
  const script = join(home, "start.sh");
  writeFileSync(script, SCRIPT);
  const log = join(home, "manager.log");
  const group = `lull-test-${process.pid}-${userId}`;
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    XDG_RUNTIME_DIR: runtime,
    TMPDIR: home,
    LC_ALL: "C.UTF-8",
    NO_COLOR: "1",
  };
  const child = Bun.spawn(["unshare", "--mount", "sh", script, manager, group, `${userId}`], {
    env: { ...env, SYSTEMD_LOG_TARGET: "console" },
    stdin: "ignore",
    stdout: Bun.file(log),
    stderr: "inherit",
  });
  const become = ["setpriv", `--reuid=${userId}`, `--regid=${userId}`, "--clear-groups"];
  const systemctl: UserManager["systemctl"] = async (...words) => {
    const asked = Bun.spawn([...become, "systemctl", "--user", ...words], {
      env,
      stdout: "pipe",
      stderr: "pipe",
    });
    const [out, err, code] = await Promise.all([
      new Response(asked.stdout).text(),
      new Response(asked.stderr).text(),
      asked.exited,
    ]);
    return { code, output: out + err };
  };
  const stop = async (): Promise<void> => {
    child.kill("SIGKILL");
    await child.exited;
    await endControlGroup(group);
  };
  for (let tries = 0; tries < 200 && child.exitCode === null; tries++) {
    if ((await systemctl("show", "--property=Version")).code === 0)
      return { kind: "started", manager: { home, env, systemctl, stop } };
    await Bun.sleep(25);
  }
  await stop();
  return hindered(readFileSync(log, "utf8").trim().split("\n").at(-1) ?? "it does not start");
}

function hindered(reason: string): StartedManager {
  return { kind: "hindered", reason };
}

/** Polls, as a test has to that waits for another process; false after half a minute. */
export async function until(isTrue: () => Promise<boolean>): Promise<boolean> {
  for (let tries = 0; tries < 600; tries++) {
    if (await isTrue()) return true;
    await Bun.sleep(50);
  }
  return false;
}

/** Ends every process in it; a group itself can go when the last of them was reaped. */
async function endControlGroup(group: string): Promise<void> {
  for (const mount of ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"]) {
    const top = join(mount, group);
    if (!existsSync(top)) continue;
    writeFileSync(join(top, "cgroup.kill"), "1");
    const folders = readdirSync(top, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name));
    const deepestFirst = [top, ...folders].sort((a, b) => b.length - a.length);
    await until(async () => deepestFirst.map(isRemoved).every(Boolean));
  }
}

function isRemoved(folder: string): boolean {
  try {
    rmdirSync(folder);
  } catch {
    // Not empty of processes yet, or gone already.
  }
  return !existsSync(folder);
}

const SCRIPT = `
set -e
mount --make-rprivate /
mkdir -p /run/systemd
mount -t tmpfs tmpfs /run/systemd
mkdir /run/systemd/system
umount -l /sys/fs/cgroup || true
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir -p "/sys/fs/cgroup/$2/manager"
chown -R "$3:$3" "/sys/fs/cgroup/$2"
echo $$ > "/sys/fs/cgroup/$2/manager/cgroup.procs"
exec setpriv "--reuid=$3" "--regid=$3" --clear-groups "$1" --user 2>&1
`;
