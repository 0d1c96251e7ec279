/** Datagrams to a unix socket, which the runtime has no call for. Linux only. */
import { FFIType, ptr } from "bun:ffi";

import { fixedMemory } from "../base/fixed-memory.ts";
import { loadFromC } from "./c-library.ts";

export type NotifySocket = {
  /** False when the datagram was not taken. */
  send(message: string): boolean;
  /** CLOCK_MONOTONIC in microseconds; undefined: the C library does not say. */
  monotonicMicroseconds(): bigint | undefined;
};

/** Numbers of Linux on x64 and arm64. */
const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
const MSG_NOSIGNAL = 0x4000;
const CLOCK_MONOTONIC = 1;
/** `struct sockaddr_un`: the family, then the path with its NUL. */
const PATH_BYTES = 108;

type Calls = NonNullable<ReturnType<typeof loadCalls>>;

let calls: Calls | "unavailable" | undefined;

/** Whether `openNotifySocket` can work in this process. */
export function hasNotifySocket(): boolean {
  return loaded() !== undefined;
}

/**
 * @param address a path, or `@name` for a name without a file (unix(7), "abstract")
 * @returns undefined for an address that is none of these, and where the C library can not be called
 */
export function openNotifySocket(address: string): NotifySocket | undefined {
  const functions = loaded();
  const target = socketAddress(address);
  if (functions === undefined || target === undefined) return undefined;
  return {
    send: (message) => send(functions, target, message),
    monotonicMicroseconds: () => monotonicMicroseconds(functions),
  };
}

function socketAddress(address: string): Buffer<ArrayBuffer> | undefined {
  if (!address.startsWith("/") && !address.startsWith("@")) return undefined;
  const isAbstract = address.startsWith("@");
  const path = Buffer.from(isAbstract ? `\0${address.slice(1)}` : `${address}\0`);
  if (path.length > PATH_BYTES || address.length < 2) return undefined;
  const bytes = fixedMemory(2 + path.length);
  // The family is in the processor's order, which is little-endian wherever lull is built for.
  bytes.writeUInt16LE(AF_UNIX, 0);
  path.copy(bytes, 2);
  return bytes;
}

/** A new socket each time: it is one a minute, and a manager that was restarted has another one behind the name. */
function send(functions: Calls, target: Buffer<ArrayBuffer>, message: string): boolean {
  const handle = functions.socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
  if (handle < 0) return false;
  try {
    const text = Buffer.from(message);
    const bytes = fixedMemory(text.length);
    text.copy(bytes);
    const sent = functions.sendto(handle, ptr(bytes), bytes.length, MSG_NOSIGNAL, ptr(target), target.length);
    return Number(sent) === bytes.length;
  } finally {
    functions.close(handle);
  }
}

function monotonicMicroseconds(functions: Calls): bigint | undefined {
  const time = fixedMemory(16);
  if (functions.clock_gettime(CLOCK_MONOTONIC, ptr(time)) !== 0) return undefined;
  return time.readBigInt64LE(0) * 1_000_000n + time.readBigInt64LE(8) / 1000n;
}

function loaded(): Calls | undefined {
  calls ??= loadCalls() ?? "unavailable";
  return calls === "unavailable" ? undefined : calls;
}

function loadCalls() {
  const { i32, i64_fast: i64, ptr: pointer, u64, u32 } = FFIType;
  return loadFromC({
    /** Family, kind, protocol. */
    socket: { args: [i32, i32, i32], returns: i32 },
    /** Socket, text, its length, flags, address, its length. */
    sendto: { args: [i32, pointer, u64, i32, pointer, u32], returns: i64 },
    close: { args: [i32], returns: i32 },
    /** Which clock, answer (`struct timespec`). */
    clock_gettime: { args: [i32, pointer], returns: i32 },
  });
}
