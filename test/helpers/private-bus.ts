/**
 * A D-Bus of the test's own that is both the system's and the session's, with services made by python3-dbusmock on it:
 *
 *     await using bus = await startPrivateBus();
 *     const power = await bus.service("upower");
 *     await power.mock("/org/freedesktop/UPower", "AddAC", "ss", ["mock_ac", "AC"]);
 *
 * Everything ends with it.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { DBUSMOCK } from "./session-bus.ts";

/** Debian's Python, which finds Debian's modules; another one may come first in the path. */
const PYTHON = "/usr/bin/python3";

/** What of it is missing here; undefined: nothing. */
export function missingForBus(): string | undefined {
  const program = ["dbus-daemon", "busctl", "gdbus"].find((name) => Bun.which(name) === null);
  if (program !== undefined) return `${program} is not installed`;
  if (!existsSync(PYTHON)) return "/usr/bin/python3 is not installed";
  return existsSync(DBUSMOCK) ? undefined : "python3-dbusmock is not installed";
}

const CONFIG = (
  socket: string,
) => `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=${socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;

export type MockService = {
  readonly process: Bun.Subprocess;
  /** Calls a method of the mock, with arguments as `busctl` takes them. */
  mock(path: string, method: string, signature: string, args: readonly string[]): Promise<void>;
  /** Sets a property, given with its interface, or adds it. */
  property(path: string, name: string, ...typeAndValue: readonly [string, ...string[]]): Promise<void>;
  stop(): Promise<void>;
};

export type PrivateBus = AsyncDisposable & {
  /** For programs that ask either bus. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Starts a service of a template of dbusmock's. */
  service(template: keyof typeof TEMPLATES): Promise<MockService>;
  /** Starts a service without a template: its name, main object and interface. */
  bareService(name: string, path: string): Promise<MockService>;
};

/** Template → the name of its service. */
const TEMPLATES = {
  logind: "org.freedesktop.login1",
  networkmanager: "org.freedesktop.NetworkManager",
  upower: "org.freedesktop.UPower",
  power_profiles_daemon: "net.hadess.PowerProfiles",
} as const;

export async function startPrivateBus(): Promise<PrivateBus> {
  const folder = mkdtempSync(join(tmpdir(), "bus-"));
  const socket = join(folder, "socket");
  writeFileSync(join(folder, "bus.conf"), CONFIG(socket));
  const daemon = Bun.spawn(
    [
      "dbus-daemon",
      `--config-file=${join(folder, "bus.conf")}`,
      "--nofork",
      "--nopidfile",
      "--print-address=1",
    ],
    { stdout: "pipe", stderr: "ignore" },
  );
  const running: Bun.Subprocess[] = [daemon];
  // It prints its address when it listens.
  await daemon.stdout.getReader().read();
  const address = `unix:path=${socket}`;
  const environment = {
    ...process.env,
    DBUS_SYSTEM_BUS_ADDRESS: address,
    DBUS_SESSION_BUS_ADDRESS: address,
    DISPLAY: undefined,
    WAYLAND_DISPLAY: undefined,
  };
  const run = async (...command: readonly string[]): Promise<void> => {
    const child = Bun.spawn([...command], { env: environment, stdout: "ignore", stderr: "pipe" });
    const said = await new Response(child.stderr).text();
    if ((await child.exited) !== 0) throw new Error(`${command.join(" ")}: ${said}`);
  };
  const start = async (name: string, args: readonly string[]): Promise<MockService> => {
    const service = Bun.spawn([PYTHON, "-m", "dbusmock", "--system", ...args], {
      env: environment,
      stdout: "ignore",
      stderr: "ignore",
    });
    running.push(service);
    await run("gdbus", "wait", "--system", "--timeout", "30", name);
    const call = async (path: string, member: string, ...args: readonly string[]): Promise<void> =>
      run("busctl", "--system", "call", name, path, "org.freedesktop.DBus.Mock", member, ...args);
    return {
      process: service,
      async mock(path, method, signature, args) {
        await call(path, method, signature, ...args);
      },
      async property(path, property, ...typeAndValue) {
        const [iface, key] = splitLast(property);
        try {
          await run("busctl", "--system", "set-property", name, path, iface, key, ...typeAndValue);
        } catch {
          // Not every property of the real service is in its template.
          await call(path, "AddProperty", "ssv", iface, key, ...typeAndValue);
        }
      },
      async stop() {
        service.kill("SIGKILL");
        await service.exited;
      },
    };
  };
  return {
    environment,
    service: async (template) => start(TEMPLATES[template], ["--template", template]),
    bareService: async (name, path) => start(name, [name, path, name]),
    async [Symbol.asyncDispose]() {
      // A service that was stopped by SIGSTOP ends by this one too.
      for (const one of running.reverse()) one.kill("SIGKILL");
      await Promise.all(running.map(async (one) => one.exited));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** `org.freedesktop.UPower.OnBattery` → interface and property. */
function splitLast(name: string): readonly [string, string] {
  const dot = name.lastIndexOf(".");
  return [name.slice(0, dot), name.slice(dot + 1)];
}
