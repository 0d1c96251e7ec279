/**
 * Time since the last input by the X server's extension MIT-SCREEN-SAVER, in X's own protocol over its socket: three
 * requests. Not by libXss: Xlib ends the whole process when the server goes away, and blocks its thread when it hangs.
 */
import { readFile } from "node:fs/promises";
import { createConnection, type Socket } from "node:net";

import type { MachineAccess } from "../machine-access.ts";
import { cookieFor } from "./x-authority.ts";

/** Undefined: no X server of this machine, under Wayland (whose input it does not see), or without the extension. */
export async function readX11Idle(
  environment: MachineAccess["environment"],
  signal: AbortSignal,
): Promise<number | undefined> {
  const display = localDisplay(environment);
  if (display === undefined) return undefined;
  const cookie = await cookieOf(environment, display);
  // From here on it is heard of.
  if (signal.aborted) return undefined;
  const socket = createConnection({ path: `/tmp/.X11-unix/X${display}` });
  const stop = (): void => void socket.destroy();
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await askIdle(socket, cookie);
  } catch {
    // No server, one that refuses, or one that went away.
    return undefined;
  } finally {
    signal.removeEventListener("abort", stop);
    socket.destroy();
  }
}

/** `:0` or `unix:1.0`; another host's display tells nothing of this machine. */
export function localDisplay(environment: MachineAccess["environment"]): string | undefined {
  const { DISPLAY: display = "", WAYLAND_DISPLAY: wayland = "", XDG_SESSION_TYPE: type } = environment;
  if (wayland !== "" || type === "wayland") return undefined;
  return /^(?:unix)?:(\d+)(?:\.\d+)?$/.exec(display)?.[1];
}

async function cookieOf(environment: MachineAccess["environment"], display: string): Promise<Buffer> {
  const { XAUTHORITY: file = `${environment["HOME"] ?? ""}/.Xauthority` } = environment;
  try {
    return cookieFor(await readFile(file), display) ?? Buffer.alloc(0);
  } catch {
    // A server without access control needs none.
    return Buffer.alloc(0);
  }
}

const EXTENSION = "MIT-SCREEN-SAVER";
const QUERY_EXTENSION = 98;
const QUERY_INFO = 1;
const REPLY_BYTES = 32;
const SUCCESS = 1;

async function askIdle(socket: Socket, cookie: Buffer): Promise<number | undefined> {
  const bytes = new SocketBytes(socket);
  socket.write(setupRequest(cookie));
  const head = await bytes.take(8);
  const setup = await bytes.take(4 * head.readUInt16LE(6));
  if (head[0] !== SUCCESS) return undefined;
  socket.write(extensionRequest());
  const extension = await bytes.take(REPLY_BYTES);
  const [isReply, isPresent, major = 0] = [extension[0] === 1, extension[8] === 1, extension[9]];
  if (!isReply || !isPresent) return undefined;
  socket.write(infoRequest(major, rootWindow(setup)));
  const info = await bytes.take(REPLY_BYTES);
  const MS_SINCE_INPUT_AT = 16;
  return info[0] === 1 ? info.readUInt32LE(MS_SINCE_INPUT_AT) : undefined;
}

/** X Window System Protocol, chapter 8 "Connection Setup"; little-endian. */
function setupRequest(cookie: Buffer): Buffer {
  const name = cookie.length === 0 ? "" : "MIT-MAGIC-COOKIE-1";
  const head = Buffer.alloc(12);
  head[0] = 0x6c;
  head.writeUInt16LE(11, 2);
  head.writeUInt16LE(name.length, 6);
  head.writeUInt16LE(cookie.length, 8);
  return Buffer.concat([head, padded(Buffer.from(name)), padded(cookie)]);
}

/** Behind the vendor's name and the pixmap formats stands the first screen, and its window first. */
function rootWindow(setup: Buffer): number {
  const VENDOR_LENGTH_AT = 16;
  const FORMATS_AT = 21;
  const vendor = setup.readUInt16LE(VENDOR_LENGTH_AT);
  const screenAt = 32 + vendor + padding(vendor) + 8 * (setup[FORMATS_AT] ?? 0);
  return setup.readUInt32LE(screenAt);
}

function extensionRequest(): Buffer {
  const name = padded(Buffer.from(EXTENSION));
  const head = Buffer.alloc(8);
  head[0] = QUERY_EXTENSION;
  head.writeUInt16LE(2 + name.length / 4, 2);
  head.writeUInt16LE(EXTENSION.length, 4);
  return Buffer.concat([head, name]);
}

function infoRequest(major: number, window: number): Buffer {
  const request = Buffer.alloc(8);
  request[0] = major;
  request[1] = QUERY_INFO;
  request.writeUInt16LE(2, 2);
  request.writeUInt32LE(window, 4);
  return request;
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(padding(bytes.length))]);
}

function padding(length: number): number {
  return (4 - (length % 4)) % 4;
}

/** A server's greeting is some hundred bytes to some kilobytes. */
const MOST_BYTES = 256 * 1024;

/** Hands out what arrives in portions of the wanted length. */
class SocketBytes {
  #bytes = Buffer.alloc(0);
  #ended: Error | undefined;
  #wake: () => void = () => {};

  constructor(socket: Socket) {
    socket.on("data", (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#wake();
    });
    const end = (error?: Error): void => {
      this.#ended ??= error ?? new Error("the X server closed the connection");
      this.#wake();
    };
    socket.on("error", end);
    socket.on("close", () => end());
  }

  async take(length: number): Promise<Buffer> {
    while (this.#bytes.length < length) {
      if (this.#ended !== undefined) throw this.#ended;
      if (this.#bytes.length > MOST_BYTES) throw new Error("the X server says too much");
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
    const taken = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return taken;
  }
}
