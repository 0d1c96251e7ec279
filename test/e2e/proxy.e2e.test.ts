/** Proxies and certificates, which the runtime takes from the environment at its start: so lull runs as a process. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { makeAuthority } from "../helpers/certificate.ts";
import { LULL_COMMAND } from "../helpers/daemon-process.ts";
import { type Device, makeDevice } from "../helpers/device.ts";
import { createBareRepository, type GitServer, startGitServer } from "../helpers/git-http-server.ts";
import { type ProxyServer, startProxy } from "../helpers/proxy-server.ts";
import { cannotRun } from "../helpers/skip.ts";
import { fsck, git, temporaryDirectory } from "../helpers/system-git.ts";

const PASSWORD = "s3cret/pass";
const root = temporaryDirectory();
const authority = makeAuthority();
let server: GitServer;
let proxy: ProxyServer;
const secure: Record<"good" | "otherName" | "old", number> = { good: 0, otherName: 0, old: 0 };
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  server = await startGitServer(root);
  proxy = await startProxy("ada", PASSWORD);
  secure.good = inFront("localhost", 2);
  secure.otherName = inFront("git.example.org", 2);
  secure.old = inFront("localhost", -1);
});

afterAll(async () => {
  for (const stop of stops) await stop();
  await proxy.stop();
  await server.stop();
});

/** A server with TLS that hands everything on to git's; returns its port. */
function inFront(host: string, days: number): number {
  const { key, cert } = authority.issue(host, days);
  const front = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    tls: { key, cert },
    fetch: async (request) => {
      const { pathname, search } = new URL(request.url);
      const body = request.method === "POST" ? { body: await request.arrayBuffer() } : {};
      const headers = new Headers(request.headers);
      headers.delete("content-length");
      const init = { method: request.method, headers, ...body };
      const answer = await fetch(`${server.url}${pathname}${search}`, init);
      return new Response(await answer.arrayBuffer(), answer);
    },
  });
  stops.push(() => front.stop(true));
  return front.port ?? 0;
}

type Place = { readonly device: Device; readonly bare: string };

let number = 0;

async function place(address: (name: string) => string): Promise<Place> {
  const name = `${++number}.git`;
  const bare = createBareRepository(root, name);
  const device = makeDevice("laptop");
  device.write("a.md", "one\n");
  await device.lull(["add", "notes", "--remote", bare]);
  await device.lull(["config", "set", "sources.notes.remote", address(name)]);
  return { device, bare };
}

type Ended = { readonly code: number; readonly said: string };

async function sync(
  { device }: Place,
  extra: Readonly<Record<string, string>>,
  within: readonly string[] = [],
): Promise<Ended> {
  const child = Bun.spawn([...within, ...LULL_COMMAND, "sync", "--verbose"], {
    cwd: device.home,
    env: { ...device.env, ...extra },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  const said = out + err;
  expect(said).not.toContain("s3cret");
  expect(said).not.toContain(Buffer.from(`ada:${PASSWORD}`).toString("base64"));
  return { code: await child.exited, said: said.replaceAll(/\s+/g, " ") };
}

const CA = { NODE_EXTRA_CA_CERTS: authority.certFile };
const overTls = (port: number) => (name: string) => `https://localhost:${port}/${name}`;
const plain = (name: string): string => server.repository(name);
const through = (password = PASSWORD): string =>
  `http://ada:${encodeURIComponent(password)}@127.0.0.1:${proxy.port}`;

function expectSynced({ device, bare }: Place, { code, said }: Ended): void {
  expect(said).toContain("sent 1 commit");
  expect(code).toBe(0);
  expect(git(bare, "rev-parse", "main")).toBe(git(device.notes, "rev-parse", "HEAD"));
  fsck(bare);
}

test("an own authority's certificate is accepted when it is given", async () => {
  const where = await place(overTls(secure.good));
  expectSynced(where, await sync(where, CA));
});

test.each([
  [
    "of an unknown authority",
    "good",
    { env: {}, words: "that this machine does not know", hint: "NODE_EXTRA_CA_CERTS" },
  ],
  [
    "for another name",
    "otherName",
    { env: CA, words: "is for another host name", hint: "use the host name" },
  ],
  ["that has ended", "old", { env: CA, words: "is out of date", hint: "date" }],
] as const)("a certificate %s is refused with the way out", async (_what, which, { env, words, hint }) => {
  const where = await place(overTls(secure[which]));
  const { code, said } = await sync(where, env);
  expect(code).toBe(3);
  expect(said).toContain(words);
  expect(said).toContain(`localhost:${secure[which]}`);
  expect(said.slice(said.indexOf("Hint:"))).toContain(hint);
  expect(git(where.bare, "for-each-ref")).toBe("");
});

test("both kinds of addresses go through a proxy that wants a password, which turns up nowhere", async () => {
  const before = proxy.passed.length;
  const tunnelled = await place(overTls(secure.good));
  expectSynced(tunnelled, await sync(tunnelled, { ...CA, HTTPS_PROXY: through() }));
  expect(proxy.passed[before]).toStartWith(`CONNECT localhost:${secure.good}`);
  const direct = await place(plain);
  const asked = proxy.passed.length;
  expectSynced(direct, await sync(direct, { HTTP_PROXY: through() }));
  expect(proxy.passed[asked]).toStartWith(`GET ${server.url}/`);
  for (const { device } of [tunnelled, direct]) expect(filesWith(device.home, "s3cret")).toEqual([]);
});

test("a host in NO_PROXY is reached without it", async () => {
  const where = await place(plain);
  const before = proxy.passed.length;
  expectSynced(where, await sync(where, { HTTP_PROXY: through("wrong"), NO_PROXY: "example.org,127.0.0.1" }));
  expect(proxy.passed).toHaveLength(before);
});

test("a wrong password for the proxy is no matter of the server's token", async () => {
  const cases = [
    {
      where: await place(overTls(secure.good)),
      env: { ...CA, HTTPS_PROXY: through("wrong") },
      variable: "HTTPS_PROXY",
    },
    { where: await place(plain), env: { HTTP_PROXY: through("wrong") }, variable: "HTTP_PROXY" },
  ];
  for (const { where, env, variable } of cases) {
    const { code, said } = await sync(where, env);
    expect(code).toBe(4);
    expect(said).toContain(`the proxy 127.0.0.1:${proxy.port} wants a user name and password (407)`);
    expect(said).toContain(`Hint: set ${variable} to`);
    expect(said).not.toContain("LULL_TOKEN");
    expect(said).not.toContain("wrong@");
  }
});

test("a proxy that is not there, does not get through or is of another kind is named as the cause", async () => {
  const where = await place(overTls(secure.good));
  const gone = await sync(where, { ...CA, HTTPS_PROXY: "http://ada:s3cret@127.0.0.1:9" });
  expect(gone.code).toBe(3);
  expect(gone.said).toContain("through the proxy 127.0.0.1:9");
  expect(gone.said).toContain("HTTPS_PROXY");
  const socks = await sync(where, { ...CA, HTTPS_PROXY: "socks5://ada:s3cret@127.0.0.1:9" });
  expect(socks.code).toBe(1);
  expect(socks.said).toContain("SOCKS");
  const beyond = await place(() => "https://localhost:9/x.git");
  const lost = await sync(beyond, { ...CA, HTTPS_PROXY: through() });
  expect(lost.code).toBe(3);
  expect(lost.said).toContain("does not let it through to localhost:9 (502)");
});

/** A network of its own, in which there is nothing. */
const ALONE = ["unshare", "--map-root-user", "--net"];
const canBeAlone =
  process.platform === "linux" && spawnSync(ALONE[0] ?? "", [...ALONE.slice(1), "true"]).status === 0;

test.skipIf(cannotRun(!canBeAlone, "no network: unshare --net is not allowed here"))(
  "on no network at all the sync is offline, the work is committed, and it goes up later",
  async () => {
    const where = await place(() => "https://git.example.org/notes.git");
    const { code, said } = await sync(where, {}, ALONE);
    expect(code).toBe(3);
    expect(said).toContain("this machine is on no network");
    await where.device.lull(["config", "set", "sources.notes.remote", server.repository(`${number}.git`)]);
    expectSynced(where, await sync(where, {}));
  },
);

function filesWith(directory: string, secret: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile() && readFileSync(path).includes(secret));
}
