/** A session bus of a test's own, on request with a real gnome-keyring on it; nothing on it starts by itself. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { temporaryDirectory } from "./system-git.ts";

/** What of it is missing here; undefined: nothing. */
export function missingForKeyring(): string | undefined {
  const needed = ["dbus-daemon", "gnome-keyring-daemon", "secret-tool", "busctl"];
  return needed.find((name) => Bun.which(name) === null);
}

const CONFIG = (socket: string): string => `<!DOCTYPE busconfig PUBLIC
 "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=${socket}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;

export type Keyring = AsyncDisposable & {
  /** What a program needs to find the bus. */
  readonly env: Readonly<Record<string, string>>;
  /** The bus lies in it as `bus`, as systemd has it. */
  readonly runtimeDirectory: string;
  lock(): Promise<void>;
  /** What another program sees of an entry of lull's. */
  lookUp(name: string): Promise<string>;
  /** Removes an entry behind lull's back. */
  clear(name: string): Promise<void>;
};

/** @param options.service whether gnome-keyring runs, unlocked */
export async function startKeyring(options: { readonly service: boolean }): Promise<Keyring> {
  const runtimeDirectory = temporaryDirectory();
  const home = join(runtimeDirectory, "home");
  mkdirSync(home);
  const socket = join(runtimeDirectory, "bus");
  const config = join(runtimeDirectory, "bus.conf");
  writeFileSync(config, CONFIG(socket));
  const env = { DBUS_SESSION_BUS_ADDRESS: `unix:path=${socket}` };
  const own = { PATH: process.env["PATH"] ?? "", HOME: home, XDG_RUNTIME_DIR: runtimeDirectory, ...env };
  const bus = Bun.spawn(["dbus-daemon", `--config-file=${config}`, "--nofork", "--print-address=1"], {
    env: own,
    stdout: "pipe",
    stderr: "ignore",
  });
  // It prints its address when it listens.
  await bus.stdout.getReader().read();
  const children: Bun.Subprocess[] = [bus];
  const run = async (...command: readonly string[]): Promise<string> => {
    const child = Bun.spawn([...command], { env: own, stdout: "pipe", stderr: "pipe" });
    const [said, complaint] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    if ((await child.exited) !== 0) throw new Error(`${command.join(" ")}: ${complaint}`);
    return said;
  };
  if (options.service) {
    const daemon = Bun.spawn(["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"], {
      env: own,
      stdin: new Blob(["the password of the keyring"]),
      stdout: "ignore",
      stderr: "ignore",
    });
    children.push(daemon);
    await untilThere(() =>
      run("busctl", "--user", "call", SERVICE, PATH, `${FACE}.Service`, "ReadAlias", "s", "default"),
    );
  }
  return {
    env,
    runtimeDirectory,
    async lock() {
      const collection = `${PATH}/collection/login`;
      await run("busctl", "--user", "call", SERVICE, PATH, `${FACE}.Service`, "Lock", "ao", "1", collection);
    },
    lookUp: async (name) => run("secret-tool", "lookup", "service", "lull", "account", name),
    async clear(name) {
      await run("secret-tool", "clear", "service", "lull", "account", name);
    },
    async [Symbol.asyncDispose]() {
      for (const child of children.reverse()) {
        child.kill("SIGKILL");
        await child.exited;
      }
    },
  };
}

const SERVICE = "org.freedesktop.secrets";
const PATH = "/org/freedesktop/secrets";
const FACE = "org.freedesktop.Secret";

/** It takes its name on the bus, and opens its keyring, some time after it has started. */
async function untilThere(ask: () => Promise<string>): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      if ((await ask()).includes("collection")) return;
    } catch (error) {
      if (attempt >= 200) throw error;
    }
    if (attempt >= 200) throw new Error("gnome-keyring opened no keyring");
    await Bun.sleep(50);
  }
}
