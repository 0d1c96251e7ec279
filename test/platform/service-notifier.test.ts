import { afterAll, expect, test } from "bun:test";
import { join } from "node:path";

import type { RunProgram } from "../../src/base/program.ts";
import { hasNotifySocket, openNotifySocket } from "../../src/platform/notify-socket.ts";
import { createServiceNotifier } from "../../src/platform/service-notifier.ts";
import { cannotRun } from "../helpers/skip.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

const hindered = cannotRun(
  Bun.which("python3") === null || !hasNotifySocket(),
  "there is no python3, or no C library that can be called",
);

/** Binds a datagram socket and prints each message as a line of JSON. */
const READER = `import json, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
a = sys.argv[1]
s.bind("\\0" + a[1:] if a[0] == "@" else a)
print("bound", flush=True)
while True: print(json.dumps(s.recv(65536).decode()), flush=True)`;

const readers: Bun.Subprocess[] = [];
afterAll(async () => {
  for (const reader of readers) {
    reader.kill("SIGKILL");
    await reader.exited;
  }
});

async function readerAt(address: string): Promise<() => Promise<string>> {
  const child = Bun.spawn(["python3", "-c", READER, address], { stdout: "pipe", stderr: "inherit" });
  readers.push(child);
  const lines = linesOf(child.stdout);
  await lines.next();
  return async () => JSON.parse((await lines.next()).value ?? "null") as string;
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, undefined> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
  return undefined;
}

const noProgram: RunProgram = async () => {
  throw new Error("no program was to be run");
};

test.skipIf(hindered)("a manager hears of each state, at a path and at a name without a file", async () => {
  for (const address of [join(temporaryDirectory(), "é notify"), `@lull-test-${process.pid}`]) {
    const next = await readerAt(address);
    const notifier = createServiceNotifier({
      environment: { NOTIFY_SOCKET: address },
      processId: 1,
      run: noProgram,
    });
    expect(notifier.isManaged).toBe(true);
    notifier.ready();
    expect(await next()).toBe("READY=1");
    notifier.status("3 sources\nREADY=0 é");
    expect(await next()).toBe("STATUS=3 sources READY=0 é");
    notifier.reloading();
    expect(await next()).toMatch(/^RELOADING=1\nMONOTONIC_USEC=\d{6,}$/);
    notifier.alive();
    expect(await next()).toBe("WATCHDOG=1");
    notifier.stopping();
    expect(await next()).toBe("STOPPING=1");
  }
});

test.skipIf(hindered)("a thousand messages leave no handle behind", async () => {
  const address = `@lull-test-many-${process.pid}`;
  const next = await readerAt(address);
  const socket = openNotifySocket(address);
  for (let round = 0; round < 1000; round++) {
    expect(socket?.send(`N=${round}`)).toBe(true);
    expect(await next()).toBe(`N=${round}`);
  }
});

test.skipIf(hindered)(
  "where nobody listens a message is not taken, and the helper program is asked",
  async () => {
    const commands: string[] = [];
    const notifier = createServiceNotifier({
      environment: { NOTIFY_SOCKET: join(temporaryDirectory(), "gone") },
      processId: 42,
      run: async (command) => {
        commands.push(command.join(" "));
        throw new Error("it fails, too");
      },
    });
    notifier.ready();
    notifier.alive();
    expect(commands).toEqual(["systemd-notify --pid=42 READY=1", "systemd-notify --pid=42 WATCHDOG=1"]);
  },
);

test("an address that is no path and no name, and one that is too long, are not tried", () => {
  for (const address of ["", "@", "relative", "vsock:2:1234", `/${"a".repeat(107)}`])
    expect(openNotifySocket(address)).toBeUndefined();
  expect(openNotifySocket(`@${"a".repeat(107)}`) !== undefined).toBe(hasNotifySocket());
});

test("without a manager nothing is told and nothing is run", () => {
  const notifier = createServiceNotifier({ environment: {}, processId: 1, run: noProgram });
  notifier.ready();
  notifier.status("x");
  notifier.reloading();
  notifier.alive();
  notifier.stopping();
  expect(notifier).toMatchObject({ isManaged: false, watchdogIntervalMs: undefined });
});

test.each([
  [{ WATCHDOG_USEC: "180000000" }, 90_000],
  [{ WATCHDOG_USEC: "180000000", WATCHDOG_PID: "7" }, 90_000],
  [{ WATCHDOG_USEC: "180000000", WATCHDOG_PID: "8" }, undefined],
  [{ WATCHDOG_USEC: "1" }, 1],
  [{ WATCHDOG_USEC: "0" }, undefined],
  [{ WATCHDOG_USEC: "soon" }, undefined],
  [{}, undefined],
])("of %j follows a sign of life every %j ms", (environment, wanted) => {
  const notifier = createServiceNotifier({
    environment: { NOTIFY_SOCKET: "/nowhere", ...environment },
    processId: 7,
    run: noProgram,
  });
  expect(notifier.watchdogIntervalMs).toBe(wanted);
});
