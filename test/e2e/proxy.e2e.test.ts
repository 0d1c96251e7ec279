/** Proxies and certificates, of the config and of the environment, which the runtime reads by itself: so lull runs as a process. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { makeAuthority } from "../helpers/certificate.ts";
import { cli } from "../helpers/cli-runner.ts";
import { LULL_COMMAND, runDaemon } from "../helpers/daemon-process.ts";
import { type Device, makeDevice } from "../helpers/device.ts";
import { startFakeOAuthServer } from "../helpers/fake-oauth-server.ts";
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

function sync(
  where: Place,
  extra: Readonly<Record<string, string>>,
  within: readonly string[] = [],
): Promise<Ended> {
  return spawned(where, [...within, ...LULL_COMMAND, "sync", "--verbose"], extra);
}

async function spawned(
  { device }: Place,
  command: readonly string[],
  extra: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const child = Bun.spawn([...command], {
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
    { env: {}, words: "that this machine does not know", hint: "lull config set transport.ca" },
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

/** As a service has it: nothing of the shell's variables. */
async function set({ device }: Place, settings: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, value] of Object.entries(settings)) await device.lull(["config", "set", path, value]);
}

test("a daemon without any variable goes through the proxy of the config, with its stored password and own authority", async () => {
  const where = await place(overTls(secure.good));
  const { device, bare } = where;
  await set(where, {
    "transport.proxy": `http://127.0.0.1:${proxy.port}`,
    "transport.ca": authority.certFile,
    "sources.notes.schedule": "manual",
  });
  const options = { cwd: device.home, env: device.env, input: `ada:${PASSWORD}\n` };
  expect((await cli.run(["secret", "set", `http://127.0.0.1:${proxy.port}`], options)).code).toBe(0);
  const before = proxy.passed.length;
  await using daemon = await runDaemon(device);
  await daemon.next("planned");
  await device.lull(["sync", "--background"]);
  await daemon.next("end", (event) => (event["run"] as { outcome?: string }).outcome === "synced");
  expect(proxy.passed[before]).toStartWith(`CONNECT localhost:${secure.good}`);
  expect(git(bare, "rev-parse", "main")).toBe(git(device.notes, "rev-parse", "HEAD"));
  // A saved config counts at once, also for a worker that is there already.
  device.write("b.md", "two\n");
  await set(where, { "sources.notes.transport.proxy": "none" });
  await daemon.next("reloaded");
  await set(where, { "transport.proxy": "http://127.0.0.1:9" });
  await daemon.next("reloaded");
  const asked = proxy.passed.length;
  await device.lull(["sync", "--background"]);
  await daemon.next("end", (event) => (event["run"] as { outcome?: string }).outcome === "synced");
  expect(proxy.passed).toHaveLength(asked);
  expect(git(bare, "rev-parse", "main")).toBe(git(device.notes, "rev-parse", "HEAD"));
  const told = daemon.story.map((line) => JSON.stringify(line)).join("\n") + daemon.stderr();
  expect(told).not.toContain("s3cret");
});

test("a source that needs no proxy goes without the one of the environment and the one of the config", async () => {
  const where = await place(plain);
  await set(where, { "transport.proxy": through("wrong"), "sources.notes.transport.proxy": "none" });
  const before = proxy.passed.length;
  expectSynced(where, await sync(where, { HTTP_PROXY: through("wrong"), http_proxy: through("wrong") }));
  expect(proxy.passed).toHaveLength(before);
  expect((await where.device.json(["auth", "status", "notes"])).json).toMatchObject({
    checks: [{ test: { kind: "works" } }],
  });
});

test("a password in the address of the config works, is warned of, and is neither shown nor kept elsewhere", async () => {
  const where = await place(plain);
  await set(where, { "transport.proxy": through() });
  const before = proxy.passed.length;
  const ended = await sync(where, {});
  expectSynced(where, ended);
  expect(ended.said).toContain("`transport.proxy` holds a password in clear text");
  expect(proxy.passed[before]).toStartWith(`GET ${server.url}/`);
  const { device } = where;
  device.write("b.md", "two\n");
  {
    await using daemon = await runDaemon(device);
    await daemon.next("planned");
    await device.lull(["sync", "--background"]);
    await daemon.next("end", (event) => (event["run"] as { outcome?: string }).outcome === "synced");
    expect(JSON.stringify(daemon.story) + daemon.stderr()).not.toContain("s3cret");
  }
  expect(filesWith(device.home, encodeURIComponent(PASSWORD))).toEqual([device.configFile]);
  for (const args of [
    ["config", "show"],
    ["config", "show", "--json"],
    ["log", "--audit"],
    ["config", "check"],
  ]) {
    const { stdout, stderr } = await device.lull(args);
    expect(stdout + stderr).not.toContain("s3cret");
  }
});

test("git's own proxy and authority count where the config says nothing", async () => {
  const where = await place(overTls(secure.good));
  const settings = `[http]\n\tproxy = ${through()}\n\tsslCAInfo = ${authority.certFile}\n`;
  appendFileSync(join(where.device.home, ".gitconfig"), settings);
  const before = proxy.passed.length;
  expectSynced(where, await sync(where, { HTTPS_PROXY: "http://127.0.0.1:9" }));
  expect(proxy.passed[before]).toStartWith(`CONNECT localhost:${secure.good}`);
});

test("a login in the browser goes the way of the config as well", async () => {
  await using oauth = startFakeOAuthServer();
  oauth.code = { body: { ...(oauth.code.body as object), interval: 0.01 } };
  oauth.replies = [{ body: { access_token: "canary-token-123" } }];
  const where = await place(plain);
  await set(where, { "transport.proxy": through() });
  const before = proxy.passed.length;
  const args = ["auth", "login", "--host", oauth.url, "--service", "github", "--client-id", "client"];
  expect((await spawned(where, [...LULL_COMMAND, ...args])).code).toBe(0);
  expect(proxy.passed[before]).toStartWith(`POST ${oauth.url}/login/device/code`);
});

test("a notice goes through the proxy of the config", async () => {
  const got: string[] = [];
  const hook = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      got.push(await request.text());
      return new Response("ok");
    },
  });
  stops.push(() => hook.stop(true));
  const where = await place(plain);
  await set(where, {
    "transport.proxy": through(),
    notify: `{ level: all, desktop: false, webhooks: [{ url: "http://127.0.0.1:${hook.port}/hook" }] }`,
  });
  const before = proxy.passed.length;
  expect((await spawned(where, [...LULL_COMMAND, "notify", "test"])).code).toBe(0);
  expect(got).toHaveLength(1);
  expect(proxy.passed[before]).toStartWith(`POST http://127.0.0.1:${hook.port}/hook`);
});

test("a proxy of the config that fails is named as the setting, with the way out", async () => {
  const where = await place(overTls(secure.good));
  await set(where, { "transport.proxy": `http://127.0.0.1:${proxy.port}` });
  const refused = await sync(where, CA);
  expect(refused.code).toBe(4);
  expect(refused.said).toContain(`lull secret set http://127.0.0.1:${proxy.port}`);
  await set(where, { "transport.proxy": "http://127.0.0.1:9" });
  const gone = await sync(where, CA);
  expect(gone.code).toBe(3);
  expect(gone.said).toContain("through the proxy 127.0.0.1:9");
  expect(gone.said).toContain("look whether `transport.proxy` is right");
});

test("a file of certificates that is missing or of another format is named, and nothing is sent", async () => {
  const where = await place(overTls(secure.good));
  const file = join(where.device.home, "ca.pem");
  await set(where, { "transport.ca": "~/ca.pem" });
  const checked = await where.device.lull(["config", "check"]);
  expect(checked.stderr.replaceAll(/\s+/g, " ")).toContain(
    `\`transport.ca\`: ${file} can not be opened (ENOENT)`,
  );
  const missing = await sync(where, {});
  expect(missing.code).toBe(2);
  expect(missing.said).toContain(`\`transport.ca\` can not be read: ${file} can not be opened (ENOENT)`);
  writeFileSync(file, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  expect((await sync(where, {})).said).toContain("its certificate 1 can not be read");
  writeFileSync(file, "no certificate");
  expect((await sync(where, {})).said).toContain("holds no certificate in PEM");
  writeFileSync(file, readFileSync(authority.certFile));
  expectSynced(where, await sync(where, {}));
});

const SYSTEM_STORE = "/etc/ssl/certs/ca-certificates.crt";
const APART = ["unshare", "--map-root-user", "--mount"];
const canBeApart =
  process.platform === "linux" &&
  existsSync(SYSTEM_STORE) &&
  spawnSync(APART[0] ?? "", [...APART.slice(1), "mount", "--bind", "/dev/null", SYSTEM_STORE]).status === 0;

test.skipIf(cannotRun(!canBeApart, "the system's own authorities: unshare --mount is not allowed here"))(
  "an authority that the system trusts is trusted without a word in the config",
  async () => {
    const where = await place(overTls(secure.good));
    const script = 'mount --bind "$0" "$1" && shift && exec "$@"';
    const within = [...APART, "sh", "-c", script, authority.certFile, SYSTEM_STORE];
    expectSynced(where, await sync(where, {}, within));
  },
);

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
