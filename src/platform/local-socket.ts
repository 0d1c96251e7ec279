/**
 * The daemon's door for commands of the same user: a socket file that only they may open (on Windows a named pipe). What
 * goes through are lines of text. A process that is not there refuses the connection at once.
 */
import { chmodSync, lstatSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

import { makePrivateDirectory } from "../base/atomic-file.ts";
import { fromSystem, LullError, systemCode } from "../base/errors.ts";
import { LineSplitter } from "../base/line-splitter.ts";
import { currentSystem } from "./system.ts";

export type LocalPeer = {
  send(line: string): void;
  close(): void;
};

export type LocalHandler = {
  line(peer: LocalPeer, line: string): void;
  closed(peer: LocalPeer): void;
};

export type ListeningSocket = Disposable & {
  /** False when the file was removed or replaced: then nobody finds who listens. */
  isInPlace(): boolean;
};

/** What `sun_path` of macOS takes; Linux has four more. */
const LONGEST_PATH = 103;

/** Not `TMPDIR`: a daemon that a service manager started may have another one than the person's terminal. */
const FOR_ALL = "/tmp";

/** Where the socket of a state folder is. A folder with too long a path gets one in the folder that everybody shares. */
export function socketPath(stateDirectory: string): string {
  const name = `lull-${new Bun.CryptoHasher("sha256").update(stateDirectory).digest("hex").slice(0, 16)}`;
  if (currentSystem() === "windows") return `\\\\.\\pipe\\${name}`;
  const path = join(stateDirectory, "daemon.sock");
  return Buffer.byteLength(path) <= LONGEST_PATH ? path : join(FOR_ALL, `${name}.sock`);
}

/** To be called by the one process that holds the daemon's lock: what lies at the path is left by a dead one. */
export function listenLocal(path: string, handler: LocalHandler): ListeningSocket {
  const isFile = currentSystem() !== "windows";
  if (isFile) {
    makePrivateDirectory(dirname(path));
    rmSync(path, { force: true });
  }
  const peers = new WeakMap<object, Peer>();
  // The socket is private from its first moment, also in the temporary folder.
  const mask = process.umask(0o177);
  let server: Disposable;
  try {
    server = Bun.listen({
      unix: path,
      socket: {
        open: (socket) => void peers.set(socket, new Peer(socket, handler)),
        data: (socket, chunk) => peers.get(socket)?.hear(chunk),
        drain: (socket) => peers.get(socket)?.outbox.drain(),
        close: (socket) => peers.get(socket)?.leave(),
        error: (socket) => void socket.end(),
      },
    });
  } catch (error) {
    throw fromSystem(error, `listen on ${path}`);
  } finally {
    process.umask(mask);
  }
  if (isFile) chmodSync(path, 0o600);
  const mine = identity(path);
  const isInPlace = (): boolean => !isFile || identity(path) === mine;
  return {
    isInPlace,
    [Symbol.dispose]() {
      // The runtime removes whatever lies at the path by now.
      if (isInPlace()) server[Symbol.dispose]();
      else asideOf(path, () => server[Symbol.dispose]());
    },
  };
}

function identity(path: string): string | undefined {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stat && `${stat.dev} ${stat.ino}`;
}

/** Keeps what another process has at a path while something is done that would remove it. */
function asideOf(path: string, work: () => void): void {
  const aside = `${path}.aside`;
  const isThere = lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  if (isThere) renameSync(path, aside);
  try {
    work();
  } finally {
    if (isThere) renameSync(aside, path);
  }
}

/** Requests are short. */
const LONGEST_LINE = 64 * 1024;
/** Who asks so much ahead of the answers does not read them. */
const MOST_WAITING = 64;

/** One connection: its requests are handed on one by one, so that none of them keeps the process from all else. */
class Peer {
  readonly outbox: Outbox;
  readonly #handler: LocalHandler;
  readonly #lines = new LineSplitter(LONGEST_LINE);
  #waiting: readonly string[] = [];
  #isHandingOn = false;

  constructor(socket: Socket, handler: LocalHandler) {
    this.outbox = new Outbox(socket);
    this.#handler = handler;
  }

  hear(chunk: Uint8Array): void {
    if (this.outbox.isEnding) return;
    this.#waiting = [...this.#waiting, ...this.#lines.push(chunk)];
    if (this.#waiting.length > MOST_WAITING) this.outbox.cut();
    else if (!this.#isHandingOn) void this.#handOn();
  }

  leave(): void {
    this.#waiting = [];
    this.#handler.closed(this.outbox);
  }

  async #handOn(): Promise<void> {
    this.#isHandingOn = true;
    for (let line = this.#take(); line !== undefined; line = this.#take()) {
      this.#handler.line(this.outbox, line);
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#isHandingOn = false;
  }

  #take(): string | undefined {
    if (this.outbox.isEnding) return undefined;
    const [line, ...rest] = this.#waiting;
    this.#waiting = rest;
    return line;
  }
}

export type LocalConnection = LocalPeer & { readonly closed: Promise<void> };

/** Returns undefined when nobody listens. */
export async function connectLocal(
  path: string,
  onLine: (line: string) => void,
): Promise<LocalConnection | undefined> {
  if (currentSystem() !== "windows") refuseForeign(path);
  const lines = new LineSplitter();
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  let outbox: Outbox | undefined;
  try {
    const socket = await Bun.connect({
      unix: path,
      socket: {
        drain: () => outbox?.drain(),
        data(_, chunk) {
          for (const line of lines.push(chunk)) onLine(line);
        },
        close: () => close(),
        error: () => close(),
      },
    });
    const peer = new Outbox(socket);
    outbox = peer;
    return { send: (line) => peer.send(line), close: () => peer.close(), closed };
  } catch (error) {
    // Bun gives one code for "no such file" and "refused"; either means that no daemon is there.
    if (["ENOENT", "ECONNREFUSED", "FailedToOpenSocket"].includes(systemCode(error) ?? "")) return undefined;
    throw fromSystem(error, `connect to ${path}`);
  }
}

/** In a shared temporary folder somebody else could have put a socket of theirs there first. */
function refuseForeign(path: string): void {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined || stat.uid === process.getuid?.()) return;
  throw new LullError({
    kind: "config",
    code: "UNSAFE_PERMISSIONS",
    message: `the daemon's socket ${path} belongs to user ${stat.uid}; lull does not talk to it`,
    hint: "look who put it there, remove it, then start the daemon again",
    data: { path },
  });
}

type Socket = { write(bytes: Uint8Array): number; end(): unknown; terminate(): unknown };

/** A reader that takes nothing for so long that this piles up is cut off: the daemon's memory is not its buffer. */
const MOST_UNSENT = 8 * 1024 * 1024;

/** The runtime's socket takes what the kernel takes at once; the rest is kept here until it asks for more. */
class Outbox implements LocalPeer {
  readonly #socket: Socket;
  #unsent: Uint8Array = new Uint8Array(0);
  #isEnding = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get isEnding(): boolean {
    return this.#isEnding;
  }

  send(line: string): void {
    if (this.#isEnding) return;
    const bytes = Buffer.from(line.endsWith("\n") ? line : `${line}\n`);
    this.#unsent = this.#unsent.length === 0 ? bytes : Buffer.concat([this.#unsent, bytes]);
    this.drain();
    if (this.#unsent.length > MOST_UNSENT) this.cut();
  }

  /** Ends it at once, whatever was still to be said. */
  cut(): void {
    this.#isEnding = true;
    this.#unsent = new Uint8Array(0);
    this.#socket.terminate();
  }

  close(): void {
    this.#isEnding = true;
    this.drain();
  }

  drain(): void {
    if (this.#unsent.length > 0) {
      const written = this.#socket.write(this.#unsent);
      this.#unsent = this.#unsent.subarray(Math.max(0, written));
    }
    if (this.#isEnding && this.#unsent.length === 0) this.#socket.end();
  }
}
