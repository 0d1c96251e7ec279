/**
 * OpenSSH's sshd on loopback for the person who runs the tests, with faults on demand. It is started anew for each
 * connection (`sshd -i`) behind a socket of the test's own, so that a port is never lost to somebody else and a
 * connection can be cut or stalled at any byte.
 *
 *     const server = await startSshServer();
 *     const key = server.makeKey("ed25519");          // accepted by the server
 *     const url = server.url("/some/where/notes.git");
 *     …
 *     await server.stop();
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type { AddressInfo, Socket } from "node:net";
import { createServer } from "node:net";

import { killTree, processesWith } from "./processes.ts";
import { temporaryDirectory } from "./system-git.ts";

export type KeyType = "ed25519" | "rsa" | "ecdsa";

export type SshKey = {
  /** The private key's file; the public one is beside it with `.pub`. */
  readonly file: string;
  /** Type and base64, as known_hosts and authorized_keys have them. */
  readonly line: string;
  /** `SHA256:…` */
  readonly fingerprint: string;
};

export type SshFault =
  /** Closes the connection after so many encrypted bytes from the server. */
  | { readonly kind: "cut"; readonly after: number }
  /** Sends so many bytes of the server's, then nothing more. */
  | { readonly kind: "stall"; readonly after: number };

export type SshServer = {
  readonly port: number;
  readonly user: string;
  readonly hostKeys: Readonly<Record<KeyType, SshKey>>;
  /** `ssh://user@127.0.0.1:port/path` */
  url(path: string): string;
  /** What known_hosts has to say of this server. */
  knownHosts(type?: KeyType): string;
  /** A new key of a person; with a passphrase if one is given. */
  makeKey(type: KeyType, options?: { readonly passphrase?: string; readonly isAccepted?: boolean }): SshKey;
  /** Lines for sshd_config that count before the usual ones, for the connections to come. */
  config: string;
  /** For the connections to come. */
  fault: SshFault | undefined;
  /** Connections so far. */
  readonly connections: number;
  /** Bytes that the server has sent on all connections. */
  readonly sent: number;
  /** Cuts every connection that is open. */
  cut(): void;
  stop(): Promise<void>;
};

const SSHD = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd"].find((path) => existsSync(path));

/** For `cannotRun`. */
export const hasSshd = SSHD !== undefined;

export async function startSshServer(): Promise<SshServer> {
  const folder = temporaryDirectory();
  // Where sshd shuts its unprivileged half in when it runs as root.
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  const made = new Map<KeyType, SshKey>();
  const hostKey = (type: KeyType): SshKey => {
    const key = made.get(type) ?? generateKey(`${folder}/host-${type}`, type);
    made.set(type, key);
    return key;
  };
  const hostKeys = {
    ed25519: hostKey("ed25519"),
    // Takes half a second to make, and few want it: the server has it for the connections after it was asked for.
    get rsa() {
      return hostKey("rsa");
    },
    ecdsa: hostKey("ecdsa"),
  };
  const authorized = `${folder}/authorized_keys`;
  writeFileSync(authorized, "", { mode: 0o600 });
  const open = new Map<Socket, ChildProcess>();
  const state = { config: "", fault: undefined as SshFault | undefined, connections: 0, sent: 0, keys: 0 };
  const server = createServer((socket) => {
    const file = `${folder}/sshd-${state.connections++}.conf`;
    writeFileSync(file, configText(state.config, { folder, authorized, hostKeys: [...made.values()] }));
    const sshd = spawn(SSHD ?? "sshd", ["-i", "-e", "-f", file], {
      env: { PATH: process.env["PATH"] ?? "" },
    });
    open.set(socket, sshd);
    pass(socket, sshd, state.fault, (bytes) => (state.sent += bytes));
    socket.on("close", () => {
      open.delete(socket);
      end(sshd);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  // Not os.userInfo, which Bun answers from an environment that may not say.
  const user = spawnSync("id", ["-un"], { encoding: "utf8" }).stdout.trim();
  const cut = (): void => {
    for (const socket of open.keys()) socket.destroy();
  };
  return {
    port,
    user,
    hostKeys,
    url: (path) => `ssh://${user}@127.0.0.1:${port}${path.split("/").map(encodeURIComponent).join("/")}`,
    knownHosts: (type = "ed25519") => `[127.0.0.1]:${port} ${hostKeys[type].line}\n`,
    makeKey: (type, { passphrase = "", isAccepted = true } = {}) => {
      const key = generateKey(`${folder}/key-${state.keys++}`, type, passphrase);
      if (isAccepted) appendFileSync(authorized, `${key.line}\n`);
      return key;
    },
    get config() {
      return state.config;
    },
    set config(value) {
      state.config = value;
    },
    get fault() {
      return state.fault;
    },
    set fault(value) {
      state.fault = value;
    },
    get connections() {
      return state.connections;
    },
    get sent() {
      return state.sent;
    },
    cut,
    async stop() {
      cut();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      // A command whose sshd was gone before it belongs to nobody; a hook that sleeps would sleep on.
      for (const pid of processesWith(MARK, folder)) killTree(pid);
    },
  };
}

/** sshd and what it runs: each of its commands is the head of a group of its own. */
function end(sshd: ChildProcess): void {
  if (sshd.pid !== undefined && sshd.exitCode === null) killTree(sshd.pid);
}

/** The variable by which the commands of one server are known. */
const MARK = "LULL_TEST_SSHD";

type ServerFiles = {
  readonly folder: string;
  readonly authorized: string;
  /** In the order in which the server offers them. */
  readonly hostKeys: readonly SshKey[];
};

function configText(first: string, { folder, authorized, hostKeys }: ServerFiles): string {
  return [
    first,
    ...hostKeys.map(({ file }) => `HostKey ${file}`),
    `AuthorizedKeysFile ${authorized}`,
    "PermitRootLogin prohibit-password",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "UsePAM no",
    // The folders above a temporary one may be written by everybody.
    "StrictModes no",
    // It is the one setting of which the last counts as well as the first.
    ...(first.includes("AcceptEnv") ? [] : ["AcceptEnv GIT_PROTOCOL"]),
    // Not the home of the person: bash reads its .bashrc for each connection, and the one here took a minute for it.
    `SetEnv HOME=${folder} GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null ${MARK}=${folder}`,
    // Those that hold against quantum computers take OpenSSH's client half a second of processor, each time.
    "KexAlgorithms -sntrup*,mlkem*",
    "LogLevel QUIET",
    "",
  ].join("\n");
}

function pass(
  socket: Socket,
  sshd: ChildProcess,
  fault: SshFault | undefined,
  count: (bytes: number) => void,
): void {
  const { stdin, stdout, stderr } = sshd;
  if (stdin === null || stdout === null) throw new Error("sshd was started without pipes");
  stderr?.resume();
  socket.on("error", () => {});
  stdin.on("error", () => {});
  stdout.on("error", () => {});
  socket.pipe(stdin);
  if (fault === undefined) stdout.pipe(socket);
  let sent = 0;
  stdout.on("data", (bytes: Buffer) => {
    count(bytes.length);
    if (fault === undefined) return;
    const left = Math.max(0, fault.after - sent);
    sent += bytes.length;
    if (left > 0) socket.write(bytes.subarray(0, left));
    if (fault.kind === "cut" && sent >= fault.after) socket.destroy();
  });
  stdout.on("end", () => {
    if (fault === undefined) socket.end();
  });
}

export function generateKey(file: string, type: KeyType, passphrase = ""): SshKey {
  const size = { ed25519: [], rsa: ["-b", "2048"], ecdsa: ["-b", "256"] }[type];
  sshKeygen(["-q", "-t", type, ...size, "-N", passphrase, "-C", "test", "-f", file]);
  const [name = "", key = ""] = readFileSync(`${file}.pub`, "utf8").split(" ");
  const [, fingerprint = ""] = sshKeygen(["-l", "-f", `${file}.pub`]).split(" ");
  return { file, line: `${name} ${key}`, fingerprint };
}

export function sshKeygen(args: readonly string[]): string {
  const result = spawnSync("ssh-keygen", args, { encoding: "utf8" });
  if (result.status !== 0) throw new Error(`ssh-keygen ${args.join(" ")}: ${result.stderr}`);
  return result.stdout;
}
