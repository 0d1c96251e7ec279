/**
 * The daemon's door for commands of the same user: a socket file that only they may open (on Windows a named pipe). What
 * goes through are lines of text. A process that is not there refuses the connection at once.
 */
import { chmodSync, lstatSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
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

/** What `sun_path` of macOS takes; Linux has four more. */
const LONGEST_PATH = 103;

/** Where the socket of a state folder is. A folder with too long a path gets one in the temporary folder. */
export function socketPath(stateDirectory: string): string {
  const name = `lull-${new Bun.CryptoHasher("sha256").update(stateDirectory).digest("hex").slice(0, 16)}`;
  if (currentSystem() === "windows") return `\\\\.\\pipe\\${name}`;
  const path = join(stateDirectory, "daemon.sock");
  return Buffer.byteLength(path) <= LONGEST_PATH ? path : join(tmpdir(), `${name}.sock`);
}

/** To be called by the one process that holds the daemon's lock: what lies at the path is left by a dead one. */
export function listenLocal(path: string, handler: LocalHandler): Disposable {
  const isFile = currentSystem() !== "windows";
  if (isFile) {
    makePrivateDirectory(dirname(path));
    rmSync(path, { force: true });
  }
  const peers = new WeakMap<object, { readonly peer: Outbox; readonly lines: LineSplitter }>();
  // The socket is private from its first moment, also in the temporary folder.
  const mask = process.umask(0o177);
  let server: Disposable;
  try {
    server = Bun.listen({
      unix: path,
      socket: {
        open: (socket) =>
          void peers.set(socket, { peer: new Outbox(socket), lines: new LineSplitter(LONGEST_LINE) }),
        data(socket, chunk) {
          const known = peers.get(socket);
          if (known === undefined) return;
          for (const line of known.lines.push(chunk)) handler.line(known.peer, line);
        },
        drain: (socket) => peers.get(socket)?.peer.drain(),
        close(socket) {
          const known = peers.get(socket);
          if (known !== undefined) handler.closed(known.peer);
        },
        error: (socket) => void socket.end(),
      },
    });
  } catch (error) {
    throw fromSystem(error, `listen on ${path}`);
  } finally {
    process.umask(mask);
  }
  if (isFile) chmodSync(path, 0o600);
  return {
    [Symbol.dispose]() {
      server[Symbol.dispose]();
      if (isFile) rmSync(path, { force: true });
    },
  };
}

/** Requests are short. */
const LONGEST_LINE = 64 * 1024;

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

type Socket = { write(bytes: Uint8Array): number; end(): unknown };

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

  send(line: string): void {
    if (this.#isEnding) return;
    const bytes = Buffer.from(line.endsWith("\n") ? line : `${line}\n`);
    this.#unsent = this.#unsent.length === 0 ? bytes : Buffer.concat([this.#unsent, bytes]);
    this.drain();
    if (this.#unsent.length <= MOST_UNSENT) return;
    this.#unsent = new Uint8Array(0);
    this.close();
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
