/** The X server's answer, by a real server (Xvfb) with and without access control, and input by xdotool. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { localDisplay, readX11Idle } from "../../../../src/platform/readings/linux/x11-idle.ts";
import { cookieFor } from "../../../../src/platform/readings/linux/x-authority.ts";
import { createMachineReaders } from "../../../../src/platform/readings/machine-readers.ts";
import { cannotRun } from "../../../helpers/skip.ts";
import { rememberTemporary } from "../../../helpers/temporary.ts";
import { fakeRoot, machine, NOBODY_STOPS } from "../machine.ts";

const missing = ["Xvfb", "xdotool"].find((program) => Bun.which(program) === null);
const skip = cannotRun(missing !== undefined, `an X server: ${missing} is not installed`);

/** An entry of an Xauthority file. */
function entry(display: string, cookie: Buffer, name = "MIT-MAGIC-COOKIE-1", family = 256): Buffer {
  const field = (bytes: Buffer): Buffer => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const head = Buffer.alloc(2);
  head.writeUInt16BE(family);
  return Buffer.concat([
    head,
    ...[Buffer.from("host"), Buffer.from(display), Buffer.from(name), cookie].map(field),
  ]);
}

/** The server chooses a number that is free; without `-noreset` it would begin anew with each last connection. */
async function startServer(...args: readonly string[]) {
  const server = Bun.spawn(
    ["Xvfb", "-displayfd", "1", "-screen", "0", "320x200x24", "-noreset", "-nolisten", "tcp", ...args],
    {
      stdout: "pipe",
      stderr: "ignore",
    },
  );
  const { value } = await server.stdout.getReader().read();
  return { server, display: `:${new TextDecoder().decode(value).trim()}` };
}

describe.skipIf(skip)("an X server", () => {
  let open: Awaited<ReturnType<typeof startServer>>;
  beforeAll(async () => {
    open = await startServer("-ac");
  });
  afterAll(async () => {
    open.server.kill("SIGTERM");
    await open.server.exited;
  });

  const idle = async (environment: Readonly<Record<string, string>>) =>
    readX11Idle(environment, NOBODY_STOPS);

  test("tells how long there was no input, and begins anew with the next", async () => {
    const { display: DISPLAY } = open;
    const first = (await idle({ DISPLAY })) ?? -1;
    expect(first).toBeGreaterThanOrEqual(0);
    let longer = first;
    while (longer < first + 50) longer = (await idle({ DISPLAY })) ?? -1;
    const mouse = Bun.spawnSync(["xdotool", "mousemove_relative", "7", "7"], {
      env: { ...process.env, DISPLAY },
    });
    expect(mouse.exitCode).toBe(0);
    expect((await idle({ DISPLAY })) ?? Infinity).toBeLessThan(longer);
  });

  test("is one of the readers of Linux", async () => {
    const readers = createMachineReaders(
      "linux",
      machine({ root: fakeRoot({}), environment: { DISPLAY: open.display } }),
    );
    expect(await readers.idle(NOBODY_STOPS)).toMatchObject({
      kind: "known",
      value: { kind: "used" },
      source: "the X server",
    });
  });

  test("with access control is asked with the cookie of its display", async () => {
    const folder = rememberTemporary(mkdtempSync(join(tmpdir(), "x11-")));
    const [good, bad] = [join(folder, "good"), join(folder, "bad")];
    const cookie = Buffer.from("0123456789abcdef");
    const guarded = join(folder, "server");
    writeFileSync(guarded, entry("", cookie));
    const { server, display } = await startServer("-auth", guarded);
    try {
      const number = display.slice(1);
      const others = [entry("999", Buffer.alloc(16)), entry(number, Buffer.alloc(3), "XDM-AUTHORIZATION-1")];
      writeFileSync(good, Buffer.concat([...others, entry(number, cookie)]));
      writeFileSync(bad, entry(number, Buffer.alloc(16, 1)));
      expect(await idle({ DISPLAY: display, XAUTHORITY: good })).toBeNumber();
      expect(await idle({ DISPLAY: display, XAUTHORITY: bad })).toBeUndefined();
    } finally {
      server.kill("SIGTERM");
      await server.exited;
    }
  });

  test("that hangs is given up when the deadline says so", async () => {
    const { server, display: DISPLAY } = await startServer("-ac");
    try {
      server.kill("SIGSTOP");
      const stop = new AbortController();
      const asked = readX11Idle({ DISPLAY }, stop.signal);
      setImmediate(() => stop.abort());
      expect(await asked).toBeUndefined();
    } finally {
      server.kill("SIGCONT");
      server.kill("SIGTERM");
      await server.exited;
    }
  });

  test("that is gone, or none, is no answer", async () => {
    const { server, display: DISPLAY } = await startServer("-ac");
    server.kill("SIGTERM");
    await server.exited;
    expect(await idle({ DISPLAY })).toBeUndefined();
    expect(await idle({ DISPLAY: ":12345" })).toBeUndefined();
  });
});

test("what speaks another protocol at an X server's place is no answer", async () => {
  const display = 30_000 + (process.pid % 30_000);
  const path = `/tmp/.X11-unix/X${display}`;
  const folder = Bun.spawnSync(["mkdir", "-p", "/tmp/.X11-unix"]);
  expect(folder.exitCode).toBe(0);
  for (const answer of ["HTTP/1.1 400 Bad Request\r\n\r\n", "", "\u0001\0\u000b\0\0\0\u0001\0abcd"]) {
    const server = createServer((socket) => socket.resume().end(answer));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    expect(await readX11Idle({ DISPLAY: `:${display}` }, NOBODY_STOPS)).toBeUndefined();
    await new Promise((resolve) => server.close(resolve));
  }
});

test("only a display of this machine under X11 is asked", () => {
  expect(localDisplay({ DISPLAY: ":0" })).toBe("0");
  expect(localDisplay({ DISPLAY: "unix:1.0" })).toBe("1");
  expect(localDisplay({ DISPLAY: "localhost:10.0" })).toBeUndefined();
  expect(localDisplay({})).toBeUndefined();
  expect(localDisplay({ DISPLAY: ":0", WAYLAND_DISPLAY: "wayland-0" })).toBeUndefined();
  expect(localDisplay({ DISPLAY: ":0", XDG_SESSION_TYPE: "wayland" })).toBeUndefined();
});

test("a file of cookies that is cut off holds what comes before the cut", () => {
  const file = Buffer.concat([entry("1", Buffer.from("a")), entry("", Buffer.from("any"))]);
  expect(cookieFor(file, "1")?.toString()).toBe("a");
  expect(cookieFor(file, "2")?.toString()).toBe("any");
  for (let length = 0; length < file.length; length++)
    expect(() => cookieFor(file.subarray(0, length), "2")).not.toThrow();
});
