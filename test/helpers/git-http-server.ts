/**
 * A smart HTTP server on loopback in front of `git http-backend`, with faults on demand. Start one per test file:
 *
 *     const server = await startGitServer(root);          // serves every repository below `root`
 *     const url = server.repository("notes.git");         // http://127.0.0.1:<port>/notes.git
 *     server.fault = (request) => request.service === "git-upload-pack" ? { kind: "cut", after: 5000 } : undefined;
 *     …
 *     await server.stop();
 *
 * Answers stream in both directions. A fault function is asked for each request; undefined lets it through.
 */
import { spawn } from "node:child_process";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";

import { git, gitEnvironment } from "./system-git.ts";

export type RecordedRequest = {
  readonly method: string;
  /** Path with query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** `git-upload-pack` or `git-receive-pack`. */
  readonly service: string;
  /** The client's port: the same for requests over one connection. */
  readonly port: number;
  /** Position among all requests since the start or the last `clear`, from 0. */
  readonly index: number;
};

export type Fault =
  /** Closes the connection after so many bytes of the answer's body; `reset` by RST, else by an early end. */
  | { readonly kind: "cut"; readonly after: number; readonly reset?: boolean }
  /** Ends the body properly after so many bytes, as a proxy does that lost its upstream. */
  | { readonly kind: "shorten"; readonly after: number }
  /** Changes one byte of the body. */
  | { readonly kind: "flip"; readonly at: number }
  /** Lets git do its work, then closes without any answer. */
  | { readonly kind: "lose-answer" }
  /** Reads the request and never answers (until `stop`). */
  | { readonly kind: "stall" }
  /** Sends so many bytes of the answer's body, then nothing more (until `stop`). */
  | { readonly kind: "stall-after"; readonly after: number }
  /** Sends the answer's body one byte at a time, `everyMs`. */
  | { readonly kind: "drip"; readonly everyMs: number }
  /** Answers this instead of asking git. */
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | Uint8Array;
    }
  /** Puts bytes in place of the body's rest after so many bytes; the status and headers are git's. */
  | { readonly kind: "replace"; readonly after: number; readonly body: string | Uint8Array };

export type GitServer = {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** The URL of a repository below the root. */
  repository(name: string): string;
  /** Everything asked so far. */
  readonly requests: readonly RecordedRequest[];
  /** Asked for each request that passed the token check. */
  fault: ((request: RecordedRequest) => Fault | undefined) | undefined;
  /** When set, requests need `Basic …:<token>` (any user name), else 401. */
  token: string | undefined;
  /** The highest protocol version the server speaks; 0 ignores `Git-Protocol`. Default 2. */
  protocol: 0 | 2;
  /** Forgets requests and faults. */
  clear(): void;
  /** Connections that are open now. */
  connections(): number;
  stop(): Promise<void>;
};

export async function startGitServer(root: string): Promise<GitServer> {
  const requests: RecordedRequest[] = [];
  const sockets = new Set<Socket>();
  const backend = `${git(root, "--exec-path")}/git-http-backend`;
  const state: Pick<GitServer, "fault" | "token" | "protocol"> = {
    fault: undefined,
    token: undefined,
    protocol: 2,
  };
  const http: Server = createServer((request, response) => {
    request.on("error", () => {});
    response.on("error", () => {});
    const recorded = record(request, requests.length);
    requests.push(recorded);
    if (state.token !== undefined && !carriesToken(request, state.token)) {
      request.resume();
      response.writeHead(401, { "www-authenticate": 'Basic realm="test"' }).end();
      return;
    }
    const fault = state.fault?.(recorded);
    if (fault?.kind === "stall") {
      request.resume();
    } else if (fault?.kind === "answer") {
      request.resume();
      response
        .writeHead(fault.status, { "content-type": "text/plain", ...fault.headers })
        .end(fault.body ?? "");
    } else {
      runBackend({ backend, root, request, response, fault, protocol: state.protocol });
    }
  });
  http.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => {
    http.listen(0, "127.0.0.1", resolve);
  });
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return {
    url,
    repository: (name) => `${url}/${name}`,
    requests,
    get fault() {
      return state.fault;
    },
    set fault(value) {
      state.fault = value;
    },
    get token() {
      return state.token;
    },
    set token(value) {
      state.token = value;
    },
    get protocol() {
      return state.protocol;
    },
    set protocol(value) {
      state.protocol = value;
    },
    clear() {
      requests.length = 0;
      state.fault = undefined;
    },
    connections: () => sockets.size,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => {
        http.close(() => resolve());
      });
    },
  };
}

/** Makes a bare repository below the root that takes pushes over HTTP; returns its folder. */
export function createBareRepository(root: string, name: string): string {
  git(root, "init", "--quiet", "--bare", name);
  git(root, "-C", name, "config", "http.receivepack", "true");
  return `${root}/${name}`;
}

type Backend = {
  readonly backend: string;
  readonly root: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly fault: Exclude<Fault, { kind: "stall" | "answer" }> | undefined;
  readonly protocol: 0 | 2;
};

function runBackend({ backend, root, request, response, fault, protocol }: Backend): void {
  const { pathname, search } = new URL(request.url ?? "/", "http://localhost");
  const child = spawn(backend, {
    env: gitEnvironment({
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: decodeURIComponent(pathname),
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method ?? "GET",
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      // Absent for a chunked body: the backend then reads to the end.
      ...(request.headers["content-length"] === undefined
        ? {}
        : { CONTENT_LENGTH: request.headers["content-length"] }),
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
      REMOTE_USER: "tester",
      REMOTE_ADDR: "127.0.0.1",
      ...(protocol === 2 ? { GIT_PROTOCOL: String(request.headers["git-protocol"] ?? "") } : {}),
    }),
  });
  // Git may stop reading early (a refused push); the rest of the request must not block the connection.
  const drain = (): void => void request.unpipe(child.stdin).resume();
  child.stdin.on("error", drain).on("close", drain);
  child.stderr.resume();
  request.pipe(child.stdin);
  response.on("close", () => child.stdout.resume());
  const body = new BodyWriter(response, fault);
  let head: Buffer | undefined = Buffer.alloc(0);
  child.stdout.on("data", (chunk: Buffer) => {
    if (head === undefined) {
      body.write(chunk);
      return;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) return;
    const rest = head.subarray(end + 4);
    if (fault?.kind !== "lose-answer") writeHead(response, head.subarray(0, end).toString("latin1"));
    head = undefined;
    body.write(rest);
  });
  child.stdout.on("end", () => body.end());
}

function writeHead(response: ServerResponse, head: string): void {
  const headers: Record<string, string> = {};
  let status = 200;
  for (const line of head.split("\r\n")) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === "status") status = Number.parseInt(value, 10);
    else headers[name] = value;
  }
  response.writeHead(status, headers);
}

/** Passes git's answer on, with the fault worked in. */
class BodyWriter {
  readonly #response: ServerResponse;
  readonly #fault: Backend["fault"];
  #sent = 0;
  #over = false;
  readonly #drops: Buffer[] = [];

  constructor(response: ServerResponse, fault: Backend["fault"]) {
    this.#response = response;
    this.#fault = fault;
  }

  write(chunk: Buffer): void {
    if (this.#over || chunk.length === 0 || this.#fault?.kind === "lose-answer") return;
    const fault = this.#fault;
    if (fault === undefined) {
      this.#response.write(chunk);
      return;
    }
    if (fault.kind === "flip") {
      const at = fault.at - this.#sent;
      const copy = Buffer.from(chunk);
      if (at >= 0 && at < copy.length) copy[at] = (copy[at] ?? 0) ^ 0x10;
      this.#response.write(copy);
      this.#sent += chunk.length;
      return;
    }
    if (fault.kind === "drip") {
      this.#drops.push(chunk);
      if (this.#drops.length === 1) this.#drip(fault.everyMs);
      return;
    }
    const left = fault.after - this.#sent;
    this.#sent += chunk.length;
    if (chunk.length < left) {
      this.#response.write(chunk);
      return;
    }
    this.#over = true;
    const last = chunk.subarray(0, left);
    const finish = (): void => this.#finish();
    // Without a callback the bytes might still wait in this process when the socket is closed.
    if (last.length > 0) this.#response.write(last, finish);
    else {
      this.#response.flushHeaders();
      setImmediate(finish);
    }
  }

  end(): void {
    if (this.#over) return;
    this.#over = true;
    const fault = this.#fault;
    // What is still dripping never comes to its end.
    if (fault?.kind === "drip") return;
    if (fault?.kind === "lose-answer" || fault?.kind === "cut") this.#response.socket?.destroy();
    else this.#response.end();
  }

  #drip(everyMs: number): void {
    let at = 0;
    const bytes = (): Buffer => Buffer.concat(this.#drops);
    const timer = setInterval(() => {
      if (this.#response.closed || this.#response.destroyed) clearInterval(timer);
      else if (at < bytes().length) this.#response.write(bytes().subarray(at, ++at));
    }, everyMs);
    timer.unref();
    this.#response.on("close", () => clearInterval(timer));
  }

  #finish(): void {
    const fault = this.#fault;
    if (fault?.kind === "shorten") this.#response.end();
    if (fault?.kind === "replace") this.#response.end(fault.body);
    if (fault?.kind === "cut") {
      if (fault.reset === true) this.#response.socket?.resetAndDestroy();
      else this.#response.socket?.destroy();
    }
  }
}

function record(request: IncomingMessage, index: number): RecordedRequest {
  const url = request.url ?? "";
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  );
  const service = /git-(?:upload|receive)-pack/.exec(url)?.[0] ?? "";
  return { method: request.method ?? "", url, headers, service, index, port: request.socket.remotePort ?? 0 };
}

function carriesToken(request: IncomingMessage, token: string): boolean {
  const [, encoded = ""] = /^Basic (.+)$/.exec(request.headers.authorization ?? "") ?? [];
  return Buffer.from(encoded, "base64").toString("utf8").endsWith(`:${token}`);
}
