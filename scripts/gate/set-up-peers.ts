/** The programs that the tests compare lull with or borrow something from. lull itself runs none of the first two, and needs none of the others. */
import { existsSync } from "node:fs";

import { run } from "./process.ts";

export type Peer = {
  readonly program: string;
  readonly debianPackage: string;
  /** What is looked for where the package brings no program; absolute. */
  readonly file?: string;
  /** Found in the text of every test file that needs the program. */
  readonly usedBy: RegExp;
};

const PEERS: readonly Peer[] = [
  {
    program: "git",
    debianPackage: "git",
    usedBy: /\/(?:system-git|git-http-server|temp-home|device)\.ts"|spawn(?:Sync)?\(\[?"git"/,
  },
  // Says how much memory a program took at most.
  { program: "time", debianPackage: "time", file: "/usr/bin/time", usedBy: /\/peak-memory\.ts"/ },
  // Makes the certificates of test servers.
  {
    program: "openssl",
    debianPackage: "openssl",
    usedBy: /"openssl"|\/(?:certificate|smtp-server)\.ts"/,
  },
  // A bus of the test's own, with services on it that a test looks into.
  {
    program: "dbus-daemon",
    debianPackage: "dbus-daemon",
    usedBy: /\/(?:session-bus|private-bus|keyring)\.ts"/,
  },
  {
    program: "python3-dbusmock",
    debianPackage: "python3-dbusmock",
    file: "/usr/lib/python3/dist-packages/dbusmock/__init__.py",
    usedBy: /\/(?:session|private)-bus\.ts"/,
  },
  { program: "busctl", debianPackage: "systemd", usedBy: /\/(?:session-bus|private-bus|keyring)\.ts"/ },
  { program: "gdbus", debianPackage: "libglib2.0-bin", usedBy: /\/(?:session|private)-bus\.ts"/ },
  // A keychain with something in it, one that is locked, and another program that looks into it.
  { program: "gnome-keyring-daemon", debianPackage: "gnome-keyring", usedBy: /\/keyring\.ts"/ },
  { program: "secret-tool", debianPackage: "libsecret-tools", usedBy: /\/keyring\.ts"/ },
  // Another implementation of the encryption of files, which has to open what lull writes.
  { program: "age", debianPackage: "age", usedBy: /"age"/ },
  { program: "notify-send", debianPackage: "libnotify-bin", usedBy: /\/session-bus\.ts"/ },
  // Checks lull's units and runs them.
  { program: "systemd-analyze", debianPackage: "systemd", usedBy: /systemd-user\.ts"|"systemd-analyze"/ },
  // Reads what lull tells a service manager, and the XML of Windows.
  { program: "python3", debianPackage: "python3-minimal", usedBy: /"python3"/ },
  // An X server without a screen, and somebody who moves its mouse.
  { program: "Xvfb", debianPackage: "xvfb", usedBy: /"Xvfb"/ },
  { program: "xdotool", debianPackage: "xdotool", usedBy: /"xdotool"/ },
  // Compiles the tracer that kills lull at any call that changes a file.
  { program: "cc", debianPackage: "gcc", usedBy: /\/tracer\.ts"/ },
  { program: "libc6-dev", debianPackage: "libc6-dev", file: "/usr/include/stdio.h", usedBy: /\/tracer\.ts"/ },
  // A machine without a network.
  { program: "unshare", debianPackage: "util-linux", usedBy: /"unshare"/ },
  { program: "ip", debianPackage: "iproute2", usedBy: /"unshare", "ip"/ },
];

/** Returns the programs that are missing still, after installing what can be installed here, and why. */
export async function setUpPeers(): Promise<readonly (Peer & { readonly reason: string })[]> {
  const missing = PEERS.filter(isMissing);
  if (missing.length === 0) return [];
  const reason = await install(missing.map((peer) => peer.debianPackage));
  return missing.filter(isMissing).map((peer) => ({ ...peer, reason }));
}

function isMissing(peer: Peer): boolean {
  return peer.file === undefined ? Bun.which(peer.program) === null : !existsSync(peer.file);
}

/** Returns why it can not be done here, or what went wrong; an empty text when all went well. */
async function install(packages: readonly string[]): Promise<string> {
  if (!existsSync("/etc/debian_version") || Bun.which("apt-get") === null || process.getuid?.() !== 0) {
    return "install it and run the tests again";
  }
  console.log(`Installing for the tests: apt-get install ${packages.join(" ")} …`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", ...packages];
  let ended = await run(command, { env });
  if (ended.code !== 0) {
    await run(["apt-get", "update", "-qq"], { env });
    ended = await run(command, { env });
  }
  return ended.code === 0 ? "" : `apt-get failed: ${ended.output.trim().split("\n").at(-1) ?? ""}`;
}
