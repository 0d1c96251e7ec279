/** A session bus of a test's own, with the notification service that python3-dbusmock plays. */
import { existsSync } from "node:fs";
import { join } from "node:path";

import { runProgram } from "../../src/platform/run-program.ts";
import { temporaryDirectory } from "./system-git.ts";

/** Debian's own Python; another one in the way does not know the package. */
const PYTHON = "/usr/bin/python3";
export const DBUSMOCK = "/usr/lib/python3/dist-packages/dbusmock/__init__.py";

export const hasSessionBus =
  existsSync(PYTHON) &&
  existsSync(DBUSMOCK) &&
  Bun.which("dbus-daemon") !== null &&
  Bun.which("busctl") !== null;

export type SessionBus = AsyncDisposable & {
  readonly address: string;
  /** A runtime folder as systemd makes it: the bus lies in it as `bus`. */
  readonly runtimeDirectory: string;
  /** The arguments of each call of `Notify`, oldest first. */
  shown(): Promise<readonly (readonly unknown[])[]>;
};

/** @param options.service whether a notification service is on the bus */
export async function openSessionBus(options: { readonly service: boolean }): Promise<SessionBus> {
  const runtimeDirectory = temporaryDirectory();
  const address = `unix:path=${join(runtimeDirectory, "bus")}`;
  const children: Bun.Subprocess[] = [];
  const env = { PATH: process.env["PATH"] ?? "", HOME: runtimeDirectory, DBUS_SESSION_BUS_ADDRESS: address };
  const daemon = Bun.spawn(
    ["dbus-daemon", "--session", "--nofork", "--print-address", `--address=${address}`],
    {
      env,
      stdout: "pipe",
      stderr: "ignore",
    },
  );
  children.push(daemon);
  await firstOutput(daemon.stdout);
  if (options.service) {
    const mock = Bun.spawn([PYTHON, "-m", "dbusmock", "--session", "--template", "notification_daemon"], {
      env,
      stdout: "ignore",
      stderr: "ignore",
    });
    children.push(mock);
    await answering(address);
  }
  return {
    address,
    runtimeDirectory,
    async shown() {
      const result = await call(address, MOCK, "GetMethodCalls", "s", "Notify");
      const { data } = JSON.parse(result) as {
        readonly data: readonly [readonly (readonly [number, readonly { readonly data: unknown }[]])[]];
      };
      return data[0].map(([, args]) => args.map((arg) => arg.data));
    },
    async [Symbol.asyncDispose]() {
      for (const child of children.reverse()) {
        child.kill("SIGKILL");
        await child.exited;
      }
    },
  };
}

const SERVICE = "org.freedesktop.Notifications";
const MOCK = "org.freedesktop.DBus.Mock";

async function call(
  address: string,
  face: string,
  method: string,
  ...rest: readonly string[]
): Promise<string> {
  const result = await runProgram(
    [
      "busctl",
      "--user",
      "--json=short",
      "call",
      SERVICE,
      "/org/freedesktop/Notifications",
      face,
      method,
      ...rest,
    ],
    { deadlineMs: 10_000, env: { ...process.env, DBUS_SESSION_BUS_ADDRESS: address } },
  );
  if (result.kind !== "ended" || result.code !== 0)
    throw new Error(`busctl ${method}: ${JSON.stringify(result)}`);
  return result.stdout;
}

/** The mock takes its name on the bus some time after it has started. */
async function answering(address: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await call(address, SERVICE, "GetServerInformation");
      return;
    } catch (error) {
      if (attempt === 200) throw error;
      await Bun.sleep(50);
    }
  }
}

async function firstOutput(stream: ReadableStream<Uint8Array>): Promise<void> {
  const reader = stream.getReader();
  await reader.read();
  reader.releaseLock();
}
