import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo, Server, Socket } from "node:net";
import { createServer } from "node:net";

import { systemClock } from "../../src/base/clock.ts";
import { LullError } from "../../src/base/errors.ts";
import type { Credential } from "../../src/base/credential.ts";
import type { Deadlines } from "../../src/transport/http-deadlines.ts";
import { createTransport } from "../../src/transport/open-transport.ts";
import type { ByteStream, Connection } from "../../src/transport/transport.ts";
import type { GitServer } from "../helpers/git-http-server.ts";
import { createBareRepository, startGitServer } from "../helpers/git-http-server.ts";
import { git, temporaryDirectory } from "../helpers/system-git.ts";
import { failureOf } from "../helpers/thrown.ts";

let server: GitServer;
let url: string;

beforeAll(async () => {
  const root = temporaryDirectory();
  server = await startGitServer(root);
  url = server.repository("notes.git");
  createBareRepository(root, "notes.git");
  git(root, "clone", "-q", "notes.git", "work");
  git(`${root}/work`, "commit", "-q", "--allow-empty", "-m", "one");
  git(`${root}/work`, "push", "-q", "origin", "HEAD:main");
});
beforeEach(() => {
  server.clear();
  server.token = undefined;
});
afterAll(() => server.stop());

type OpenInput = {
  readonly credential?: Credential;
  readonly deadlines?: Partial<Deadlines>;
  readonly signal?: AbortSignal;
  readonly onBytes?: (direction: "up" | "down", bytes: number) => void;
  readonly asked?: string[];
  /** Given when `credential` was refused; default: the same again. */
  readonly renewed?: Credential;
};

function open(address: string, input: OpenInput = {}): Promise<Connection> {
  const transport = createTransport({
    credentials: async (origin, { refused }) => {
      input.asked?.push(origin);
      return refused === undefined ? input.credential : (input.renewed ?? input.credential);
    },
    createResponder: () => {
      throw new Error("no local remote here");
    },
    clock: systemClock,
    version: "9.8.7",
    ...(input.deadlines === undefined ? {} : { deadlines: input.deadlines }),
  });
  return transport.open(address, {
    signal: input.signal ?? new AbortController().signal,
    ...(input.onBytes === undefined ? {} : { onBytes: input.onBytes }),
  });
}

async function text(stream: ByteStream): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString("latin1");
}

async function* bytes(...chunks: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
}

async function advertise(address: string, input: OpenInput = {}): Promise<string> {
  const connection = await open(address, input);
  try {
    return await text(await connection.advertise("git-upload-pack", 0));
  } finally {
    await connection.close();
  }
}

/** A server that answers every connection with the given bytes, then closes it or leaves it open. */
async function rawServer(
  answer: (socket: Socket) => void,
): Promise<{ url: string; stop: () => void; sockets: Set<Socket> }> {
  const sockets = new Set<Socket>();
  const raw: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.once("data", () => answer(socket));
  });
  await new Promise<void>((resolve) => {
    raw.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(raw.address() as AddressInfo).port}/x`,
    sockets,
    stop: () => {
      for (const socket of sockets) socket.destroy();
      raw.close();
    },
  };
}

type PatientServer = {
  readonly url: string;
  /** One for each request that came whole. */
  readonly received: { readonly bytes: number; readonly encoding: string | undefined }[];
  readonly stop: () => Promise<void>;
};

/** A server that answers a push only when it has read all of it; git may answer and stop reading before. */
async function patientServer(): Promise<PatientServer> {
  const received: { bytes: number; encoding: string | undefined }[] = [];
  const patient = createHttpServer((request, response) => {
    let count = 0;
    request.on("error", () => {});
    request.on("data", (chunk: Buffer) => (count += chunk.length));
    request.on("end", () => {
      received.push({ bytes: count, encoding: request.headers["transfer-encoding"] });
      response.writeHead(200, { "content-type": "application/x-git-receive-pack-result" }).end("0000");
    });
  });
  await new Promise<void>((resolve) => {
    patient.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(patient.address() as AddressInfo).port}/x`,
    received,
    async stop() {
      patient.closeAllConnections();
      await new Promise((resolve) => patient.close(resolve));
    },
  };
}

describe("advertise", () => {
  test("returns git's own list without the preamble of HTTP, and says who asks", async () => {
    const list = await advertise(url);
    expect(list).toMatch(/^[0-9a-f]{4}[0-9a-f]{40} HEAD\0.*refs\/heads\/main\n0000$/s);
    const [request] = server.requests;
    expect(request?.headers["user-agent"]).toBe("git/2.0 (lull 9.8.7)");
    expect(request?.headers["git-protocol"]).toBeUndefined();
    expect(request?.url).toBe("/notes.git/info/refs?service=git-upload-pack");
  });

  test("asks for version 2 when told to, and takes an answer without the preamble", async () => {
    const connection = await open(url);
    expect(await text(await connection.advertise("git-upload-pack", 2))).toStartWith("000eversion 2\n");
    expect(server.requests[0]?.headers["git-protocol"]).toBe("version=2");
    await connection.close();
  });

  test.each([
    [
      { status: 200, headers: { "content-type": "text/html; charset=utf-8" }, body: "<html>hi" },
      "REPO_NOT_FOUND",
      "a web page",
    ],
    [{ status: 200, headers: { "content-type": "" }, body: "x" }, "REPO_NOT_FOUND", "without a type"],
    [
      { status: 200, headers: { "content-type": "text/plain" }, body: "0123\trefs/heads/x" },
      "UNSUPPORTED",
      "dumb",
    ],
    [{ status: 404 }, "REPO_NOT_FOUND", "no such repository (404)"],
    [{ status: 410 }, "REPO_NOT_FOUND", "(410)"],
    [{ status: 401 }, "AUTH", "no token was given"],
    [{ status: 403, body: "go away\u001b[31m\n" }, "FORBIDDEN", "(403): go away\\x1b[31m"],
    [{ status: 407 }, "AUTH", "proxy"],
    [{ status: 408 }, "TIMEOUT", "408"],
    [{ status: 418, body: "x".repeat(5000) }, "REMOTE_ERROR", "418"],
    [{ status: 500 }, "REMOTE_ERROR", "500"],
    [{ status: 304 }, "REMOTE_ERROR", "makes no sense"],
  ])("turns the answer %j into %s", async (answer, code, words) => {
    server.fault = () => ({ kind: "answer", ...answer });
    const error = await failureOf(advertise(url));
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
    expect(error.message.length).toBeLessThan(400);
  });

  test.each([
    [429, { "retry-after": "7" }, 7000],
    [429, {}, 60_000],
    [503, { "retry-after": "-1" }, 1000],
    [403, { "retry-after": "3" }, 3000],
    [403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "100000000" }, 1000],
  ])("hands the wait of a %d with %j on to the scheduler", async (status, headers, retryAfterMs) => {
    server.fault = () => ({ kind: "answer", status, headers: headers as Record<string, string> });
    const error = await failureOf(advertise(url));
    expect(error.code).toBe("RATE_LIMITED");
    expect(error.kind).toBe("unreachable");
    expect(error.data).toMatchObject({ retryAfterMs, status });
  });

  test.each([
    ["001f# service=git-receive-pack\n0000", "REMOTE_ERROR", "another service"],
    ["001e# service=git-upload-pack\n", "TRUNCATED", "breaks off"],
    ["001e# service=git-upload-pack\n00ff", "REMOTE_ERROR", "breaks off"],
  ])("refuses the preamble %j", async (body, code, words) => {
    const headers = { "content-type": "application/x-git-upload-pack-advertisement" };
    server.fault = () => ({ kind: "answer", status: 200, headers, body });
    const error = await failureOf(advertise(url));
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
  });

  test("passes an answer on that is shorter than a packet, for the protocol to judge", async () => {
    const headers = { "content-type": "application/x-git-upload-pack-advertisement" };
    server.fault = () => ({ kind: "answer", status: 200, headers, body: "00" });
    expect(await advertise(url)).toBe("00");
  });
});

describe("redirects", () => {
  test("are followed on the same server, and the next request goes to the new address", async () => {
    server.fault = ({ url: asked }) =>
      asked.startsWith("/old")
        ? { kind: "answer", status: 301, headers: { location: asked.replace("/old", "") } }
        : undefined;
    const connection = await open(`${server.url}/old/notes.git`);
    await text(await connection.advertise("git-upload-pack", 2));
    await text(await connection.exchange("git-upload-pack", bytes("0014command=ls-refs\n00010000")));
    expect(server.requests.map((request) => `${request.method} ${request.url}`)).toEqual([
      "GET /old/notes.git/info/refs?service=git-upload-pack",
      "GET /notes.git/info/refs?service=git-upload-pack",
      "POST /notes.git/git-upload-pack",
    ]);
    await connection.close();
  });

  test("to another server are refused with the new address, and it hears nothing", async () => {
    const other = await startGitServer(temporaryDirectory());
    server.token = "s3cret";
    server.fault = ({ url: asked }) => ({
      kind: "answer",
      status: 302,
      headers: { location: `${other.url.replace("//", "//u:s3cret@")}${asked}` },
    });
    const error = await failureOf(advertise(url, { credential: { token: "s3cret" } }));
    expect(error.code).toBe("REPO_NOT_FOUND");
    expect(error.message).toContain(`redirects to ${other.url}/notes.git`);
    expect(error.message + error.hint).not.toContain("s3cret");
    expect(other.requests).toEqual([]);
    await other.stop();
  });

  test("to a log-in page, to nonsense or in circles are refused", async () => {
    for (const [location, words] of [
      ["/users/sign_in", "which is no git repository"],
      ["ftp://host/info/refs", "makes no sense"],
      ["http://[", "makes no sense"],
    ] as const) {
      server.fault = () => ({ kind: "answer", status: 302, headers: { location } });
      expect((await failureOf(advertise(url))).message).toContain(words);
    }
    server.fault = ({ url: asked }) => ({ kind: "answer", status: 302, headers: { location: asked } });
    expect((await failureOf(advertise(url))).message).toContain("in circles");
    expect(server.requests.length).toBe(3 + 21);
  });
});

describe("credentials", () => {
  test("go out only after the server asked, to its origin, and then at once", async () => {
    server.token = "s3cret";
    const asked: string[] = [];
    const connection = await open(url, { credential: { token: "s3cret" }, asked });
    await text(await connection.advertise("git-upload-pack", 2));
    await text(await connection.exchange("git-upload-pack", bytes("0014command=ls-refs\n00010000")));
    expect(server.requests.map((request) => request.headers["authorization"] !== undefined)).toEqual([
      false,
      true,
      true,
    ]);
    expect(asked).toEqual([server.url]);
    await connection.close();
  });

  test("that are refused give AUTH once, without a second try and without the token", async () => {
    server.token = "right";
    const error = await failureOf(advertise(url, { credential: { username: "me", password: "s3cret" } }));
    expect(error).toMatchObject({ code: "AUTH", kind: "auth", data: { status: 401, credential: "refused" } });
    expect(JSON.stringify([error.message, error.hint, error.causes, error.data])).not.toContain("s3cret");
    expect(server.requests.length).toBe(2);
  });

  test("that are refused are asked for once more, and one that was renewed meanwhile is sent", async () => {
    server.token = "renewed";
    const asked: string[] = [];
    const input = { credential: { token: "old" }, renewed: { token: "renewed" }, asked };
    expect(await advertise(url, input)).toContain("refs/heads/main");
    expect(asked).toHaveLength(2);
    server.clear();
    server.token = "revoked as well";
    expect(await failureOf(advertise(url, input))).toMatchObject({ code: "AUTH" });
    expect(server.requests.length).toBe(3);
  });

  test("that are missing give AUTH with another message", async () => {
    server.token = "right";
    expect(await failureOf(advertise(url))).toMatchObject({ code: "AUTH", data: { credential: "missing" } });
  });

  test("inside the URL are used and never shown", async () => {
    server.token = "s3cret";
    const connection = await open(url.replace("//", "//me:s3cret@"));
    expect(connection.remote).toBe(url);
    expect(await text(await connection.advertise("git-upload-pack", 0))).toContain("refs/heads/main");
    await connection.close();
  });

  test("with only a user name in the URL take the token from the provider, else the name is the token", async () => {
    server.token = "s3cret";
    expect(await advertise(url.replace("//", "//me@"), { credential: { token: "s3cret" } })).toContain(
      "refs/heads/main",
    );
    const sent = server.requests.at(-1)?.headers["authorization"] ?? "";
    expect(Buffer.from(sent.slice(6), "base64").toString()).toBe("me:s3cret");
    server.token = "x-oauth-basic";
    expect(await advertise(url.replace("//", "//ghp_abc@"))).toContain("refs/heads/main");
  });

  test("go with a push unasked, because its body can not be sent twice", async () => {
    const connection = await open(url, { credential: { token: "t" } });
    await text(await connection.advertise("git-receive-pack", 0));
    await text(await connection.exchange("git-receive-pack", bytes("0000")));
    expect(server.requests.map((request) => request.headers["authorization"] !== undefined)).toEqual([
      false,
      true,
    ]);
    await connection.close();
  });
});

describe("exchange", () => {
  test("counts bytes both ways and streams a body of many megabytes", async () => {
    const patient = await patientServer();
    const counted = { up: 0, down: 0 };
    const connection = await open(patient.url, {
      onBytes: (direction, count) => (counted[direction] += count),
    });
    const body = bytes("0000", ...Array.from({ length: 5 }, () => new Uint8Array(1 << 20)));
    expect(await text(await connection.exchange("git-receive-pack", body))).toBe("0000");
    expect(patient.received).toEqual([{ bytes: 5 * (1 << 20) + 4, encoding: "chunked" }]);
    expect(counted).toEqual({ up: 5 * (1 << 20) + 4, down: 4 });
    await connection.close();
    await patient.stop();
  });

  test("sends a small body with its length", async () => {
    const connection = await open(url);
    await text(await connection.advertise("git-upload-pack", 2));
    await text(await connection.exchange("git-upload-pack", bytes("0014command=ls-refs\n", "00010000")));
    expect(server.requests[1]?.headers).toMatchObject({
      "content-length": "28",
      "content-type": "application/x-git-upload-pack-request",
    });
    await connection.close();
  });

  test("goes over the connection of the list, although git's protocol ends before HTTP does", async () => {
    const connection = await open(url);
    for await (const chunk of await connection.advertise("git-upload-pack", 2))
      if (Buffer.from(chunk).subarray(-4).toString() === "0000") break;
    for (let round = 0; round < 3; round++) {
      const answer = await connection.exchange("git-upload-pack", bytes("0014command=ls-refs\n00010000"));
      for await (const chunk of answer) if (Buffer.from(chunk).subarray(-4).toString() === "0000") break;
    }
    expect(server.requests.length).toBe(4);
    expect(new Set(server.requests.map(({ port }) => port)).size).toBe(1);
    await connection.close();
  });

  test("throws what the source of the body threw, early or late", async () => {
    const patient = await patientServer();
    const connection = await open(patient.url);
    async function* broken(count: number): AsyncGenerator<Uint8Array> {
      for (let index = 0; index < count; index++) yield new Uint8Array(1 << 20);
      throw new LullError({ kind: "failed", code: "OBJECT_CORRUPT", message: "object x is damaged" });
    }
    expect((await failureOf(connection.exchange("git-receive-pack", broken(0)))).code).toBe("OBJECT_CORRUPT");
    expect((await failureOf(connection.exchange("git-receive-pack", broken(4)))).code).toBe("OBJECT_CORRUPT");
    expect(patient.received).toEqual([]);
    await connection.close();
    await patient.stop();
  });

  test.each([
    [{ kind: "answer", status: 401 }, "AUTH"],
    [{ kind: "answer", status: 413 }, "REMOTE_ERROR"],
    [{ kind: "answer", status: 302, headers: { location: "/x" } }, "REMOTE_ERROR"],
    [{ kind: "answer", status: 200, headers: { "content-type": "text/html" }, body: "hi" }, "REMOTE_ERROR"],
    [{ kind: "lose-answer" }, "TRUNCATED"],
  ] as const)("turns %j into %s", async (fault, code) => {
    server.fault = ({ method }) => (method === "POST" ? fault : undefined);
    const connection = await open(url);
    await text(await connection.advertise("git-upload-pack", 2));
    expect(
      (await failureOf(connection.exchange("git-upload-pack", bytes("0014command=ls-refs\n00010000")))).code,
    ).toBe(code);
    await connection.close();
  });

  test("an early refusal of a long upload stops the upload", async () => {
    server.fault = ({ method }) => (method === "POST" ? { kind: "answer", status: 403 } : undefined);
    const connection = await open(url);
    await text(await connection.advertise("git-receive-pack", 0));
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        await new Promise((resolve) => setImmediate(resolve));
        yield new Uint8Array(1 << 20);
      }
    }
    expect((await failureOf(connection.exchange("git-receive-pack", endless()))).code).toBe("FORBIDDEN");
    await connection.close();
  });
});

describe("a broken connection", () => {
  test("amid an answer is TRUNCATED, by early end as by reset", async () => {
    server.fault = () => ({ kind: "cut", after: 60 });
    expect((await failureOf(advertise(url))).code).toBe("TRUNCATED");
    // A reset may throw away what was received but not read yet, so that nothing of the answer is seen.
    server.fault = () => ({ kind: "cut", after: 60, reset: true });
    expect(["TRUNCATED", "NETWORK"]).toContain((await failureOf(advertise(url))).code);
  });

  test("before the answer is NETWORK and names host and port", async () => {
    const raw = await rawServer((socket) => socket.destroy());
    const error = await failureOf(advertise(raw.url));
    expect(error.code).toBe("NETWORK");
    expect(error.message).toContain(new URL(raw.url).host);
    raw.stop();
    expect(await failureOf(advertise(raw.url))).toMatchObject({ code: "NETWORK", kind: "unreachable" });
    expect((await failureOf(advertise("http://nowhere.invalid/x"))).message).toContain(
      "nowhere.invalid:80, ENOTFOUND",
    );
  });

  test("to a server that is gone by the time of the POST is NETWORK, because nothing was done", async () => {
    const gone = await startGitServer(temporaryDirectory());
    const connection = await open(`${gone.url}/x`);
    await gone.stop();
    expect((await failureOf(connection.exchange("git-upload-pack", bytes("0000")))).code).toBe("NETWORK");
  });
});

describe("deadlines", () => {
  test("end a wait for the first byte, for the rest and for the answer to a POST", async () => {
    server.fault = () => ({ kind: "stall" });
    const first = await failureOf(advertise(url, { deadlines: { firstByte: 30 } }));
    expect(first).toMatchObject({ code: "TIMEOUT", kind: "unreachable" });
    expect(first.message).toContain("waiting for the server's first byte took longer than 30 ms");
    server.fault = () => ({ kind: "stall-after", after: 60 });
    expect((await failureOf(advertise(url, { deadlines: { idle: 30 } }))).message).toContain(
      "rest of the answer",
    );
    server.fault = ({ method }) => (method === "POST" ? { kind: "stall" } : undefined);
    const connection = await open(url, { deadlines: { answer: 30 } });
    await text(await connection.advertise("git-upload-pack", 2));
    expect((await failureOf(connection.exchange("git-upload-pack", bytes("0000")))).message).toContain(
      "server's answer",
    );
    await connection.close();
  });

  test("count what arrived while this process was busy and could not look", async () => {
    const raw = await rawServer((socket) =>
      socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
    );
    const connection = await open(raw.url, { deadlines: { firstByte: 60 } });
    const asked = failureOf(connection.advertise("git-upload-pack", 2));
    await new Promise((resolve) => setImmediate(resolve));
    Bun.sleepSync(150);
    expect((await asked).code).toBe("REPO_NOT_FOUND");
    await connection.close();
    raw.stop();
  });

  test("end an upload that the server does not take", async () => {
    const raw = await rawServer((socket) => socket.pause());
    const connection = await open(raw.url, { deadlines: { idle: 30 } });
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) yield new Uint8Array(1 << 20);
    }
    expect((await failureOf(connection.exchange("git-receive-pack", endless()))).message).toContain(
      "sending took longer",
    );
    raw.stop();
  });

  test("end an answer that only drips", async () => {
    const type = "Content-Type: application/x-git-upload-pack-advertisement";
    const raw = await rawServer((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\n${type}\r\nContent-Length: 100000\r\n\r\n001e`);
      const timer = setInterval(() => socket.write("#"), 5);
      socket.on("close", () => clearInterval(timer));
    });
    const error = await failureOf(advertise(raw.url, { deadlines: { drip: 40 } }));
    expect(error).toMatchObject({ code: "TIMEOUT" });
    expect(error.message).toContain("moving 16384 bytes");
    raw.stop();
  });
});

describe("cancelling", () => {
  test("throws the signal's own reason and leaves neither socket nor listener", async () => {
    const raw = await rawServer(() => {});
    const controller = new AbortController();
    const reason = new LullError({ kind: "locked", code: "MINE", message: "because" });
    let listeners = 0;
    const { signal } = controller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = ((...input: Parameters<typeof add>) => (
      listeners++,
      add(...input)
    )) as typeof add;
    signal.removeEventListener = ((...input: Parameters<typeof remove>) => (
      listeners--,
      remove(...input)
    )) as typeof remove;
    const waiting = failureOf(advertise(raw.url, { signal }));
    while (raw.sockets.size === 0) await new Promise((resolve) => setImmediate(resolve));
    controller.abort(reason);
    expect(await waiting).toBe(reason);
    while (raw.sockets.size > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(listeners).toBe(0);
    raw.stop();
  });

  test("with a plain abort is INTERRUPTED, also before the first request", async () => {
    const aborted = AbortSignal.abort();
    expect((await failureOf(advertise(url, { signal: aborted }))).code).toBe("INTERRUPTED");
    server.fault = () => ({ kind: "stall-after", after: 60 });
    const controller = new AbortController();
    const waiting = failureOf(
      advertise(url, { signal: controller.signal, onBytes: () => controller.abort() }),
    );
    expect((await waiting).code).toBe("INTERRUPTED");
  });

  test("by close ends what is still open", async () => {
    server.fault = () => ({ kind: "stall-after", after: 60 });
    const connection = await open(url);
    const stream = await connection.advertise("git-upload-pack", 0);
    const reading = failureOf(text(stream));
    await connection.close();
    expect((await reading).code).toBe("CLOSED");
    await connection.close();
  });

  test("whoever stops reading early frees the socket", async () => {
    const type = "Content-Type: application/x-git-upload-pack-advertisement";
    const raw = await rawServer((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\n${type}\r\nContent-Length: 100000\r\n\r\n000eversion 2\n`);
    });
    const connection = await open(raw.url);
    for await (const _chunk of await connection.advertise("git-upload-pack", 2)) break;
    while (raw.sockets.size > 0) await new Promise((resolve) => setImmediate(resolve));
    raw.stop();
  });
});

test("a certificate that nobody vouches for is TLS", async () => {
  const folder = temporaryDirectory();
  const made = spawnSync(
    "openssl",
    [
      ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost".split(
        " ",
      ),
      ..."-addext subjectAltName=DNS:localhost -keyout key.pem -out cert.pem".split(" "),
    ],
    { cwd: folder },
  );
  expect(made.status).toBe(0);
  const secure = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    tls: { key: readFileSync(`${folder}/key.pem`), cert: readFileSync(`${folder}/cert.pem`) },
    fetch: () => new Response("never"),
  });
  const error = await failureOf(advertise(`https://localhost:${secure.port}/x`));
  expect(error).toMatchObject({ code: "TLS", data: { host: `localhost:${secure.port}` } });
  await secure.stop(true);
});
