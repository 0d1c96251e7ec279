/** Logging in, and which credential goes to which remote, against real `git http-backend`. */
import { afterAll, beforeEach, expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { cli, type CliResult } from "../helpers/cli-runner.ts";
import { runDaemon } from "../helpers/daemon-process.ts";
import { type Device, expectConverged, makeDevice } from "../helpers/device.ts";
import { startFakeOAuthServer } from "../helpers/fake-oauth-server.ts";
import { createBareRepository, startGitServer } from "../helpers/git-http-server.ts";
import { cannotRun } from "../helpers/skip.ts";
import { missingForKeyring, startKeyring } from "../helpers/keyring.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";
import { inTerminal } from "../helpers/terminal.ts";

const TOKEN = "canary-77aa31-token";
const root = temporaryDirectory();
const server = await startGitServer(root);
const other = await startGitServer(root);
afterAll(async () => Promise.all([server.stop(), other.stop()]));

beforeEach(() => {
  for (const one of [server, other]) {
    one.clear();
    one.token = undefined;
  }
});

let repositories = 0;

/** A device that has one synced source without a credential; from then on the server wants one. */
async function locked(env: Readonly<Record<string, string>> = {}) {
  const name = `auth-${repositories++}.git`;
  const directory = createBareRepository(root, name);
  // No desktop here: what is stored goes into files.
  const device = makeDevice("laptop", { XDG_RUNTIME_DIR: "/nonexistent", ...env });
  device.write("a.md", "one\n");
  await device.lull(["add", "notes", "--remote", server.repository(name)]);
  await device.lull(["sync"]);
  server.token = TOKEN;
  return { device, directory, name };
}

const said = (result: CliResult): string => result.stdout + result.stderr;

async function typed(device: Device, args: readonly string[], input: string): Promise<CliResult> {
  return cli.run(args, { cwd: device.home, env: device.env, input });
}

test("a token from stdin is tried, stored in a private file for want of a keychain, and used", async () => {
  const { device, directory } = await locked();
  const login = await typed(device, ["auth", "login", "notes", "--with-token"], `${TOKEN}\n`);
  expect(login.code).toBe(0);
  expect(login.stdout).toContain(`Stored the login to ${server.url} in a file that only you can read`);
  expect(login.stdout).toContain("no session bus");
  expect(login.stdout).toContain("read and write");
  expect(said(login)).not.toContain(TOKEN);
  const folder = join(device.stateDirectory, "secrets");
  for (const file of readdirSync(folder)) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);

  device.write("a.md", "two\n");
  await device.lull(["sync"]);
  expectConverged([device], [directory]);

  const status = await device.lull(["auth", "status"]);
  expect(status.stdout).toContain("the credential comes from lull's own file");
  expect(said(status)).not.toContain(TOKEN);
  const { json } = await device.json(["auth", "status", "notes"]);
  expect(json).toMatchObject({
    checks: [
      { source: "notes", kind: "http", credential: { place: "file" }, test: { kind: "works", writes: true } },
    ],
  });

  const logout = await device.lull(["auth", "logout"]);
  expect(logout.stdout).toContain(`Removed the login to ${server.url}`);
  expect(readdirSync(folder)).toEqual([]);
  const refused = await device.lull(["auth", "status"], 4);
  expect(refused.stdout).toContain("no credential is known for it");
  expect(refused.stdout).toContain("lull auth login");
});

const noTerminal = cannotRun(process.platform === "win32", "typing a token: a POSIX terminal");
test.skipIf(noTerminal)("a token that is typed in a terminal does not show", async () => {
  const { device } = await locked();
  await using shown = inTerminal(device, ["auth", "login", "notes"]);
  await shown.sees("Token (or user:password)");
  shown.type(TOKEN);
  shown.type("\r");
  await shown.sees("Stored the login");
  expect(await shown.exited).toBe(0);
  expect(shown.raw()).not.toContain(TOKEN.slice(0, 8));
  expect((await device.json(["auth", "status"])).json).toMatchObject({
    checks: [{ test: { kind: "works" } }],
  });
});

test.skipIf(noTerminal)("a sync in a terminal asks for a token, until the server takes one", async () => {
  const { device, directory } = await locked();
  device.write("a.md", "two\n");
  await using shown = inTerminal(device, ["sync"]);
  await shown.sees("Token, or user:password");
  shown.type("canary-wrong-token\r");
  await shown.sees("refused");
  await shown.sees("Token, or user:password");
  shown.type(`${TOKEN}\r`);
  await shown.sees("Stored the login");
  expect(await shown.exited).toBe(0);
  for (const secret of ["canary-wrong", TOKEN.slice(0, 8)]) expect(shown.raw()).not.toContain(secret);
  expectConverged([device], [directory]);
  device.write("a.md", "three\n");
  await device.lull(["sync"]);
  expectConverged([device], [directory]);
});

test.skipIf(noTerminal)("who has no token goes on without, and is not asked again", async () => {
  const { device } = await locked();
  device.write("other/b.md", "b\n");
  server.token = undefined;
  const second = `auth-${repositories++}.git`;
  createBareRepository(root, second);
  await device.lull(["add", "other", "--remote", server.repository(second)]);
  server.token = TOKEN;
  await using shown = inTerminal(device, ["sync"]);
  await shown.sees("Token, or user:password");
  shown.type("\r");
  await shown.sees("lull auth login notes");
  expect(await shown.exited).toBe(4);
  // The question is drawn once while it is open.
  expect(shown.text().split("◆")).toHaveLength(2);
  await using silent = inTerminal(device, ["sync", "--yes"]);
  expect(await silent.exited).toBe(4);
  expect(silent.text()).not.toContain("Token, or user:password");
});

test("a host is logged in to by name, and tried on a source that has a remote there", async () => {
  const { device } = await locked();
  const wrong = await typed(
    device,
    ["auth", "login", "--host", server.url, "--with-token"],
    "canary-wrong-token",
  );
  expect(wrong.code).toBe(4);
  const fresh = makeDevice("laptop", { XDG_RUNTIME_DIR: "/nonexistent" });
  const login = await typed(
    fresh,
    ["auth", "login", "--host", "git.example.com", "--with-token"],
    "me:pass word",
  );
  expect(login.stdout).toContain("Stored the login to https://git.example.com");
});

test("a token that the remote refuses is not stored", async () => {
  const { device } = await locked();
  const login = await typed(device, ["auth", "login", "notes", "--with-token"], "canary-wrong-token");
  expect(login.code).toBe(4);
  expect(login.stderr).toContain("refused the token");
  expect(login.stderr).toContain("nothing was stored");
  expect(said(login)).not.toContain("canary-wrong");
  expect((await device.json(["secret", "list"])).json).toMatchObject({ secrets: [] });
});

test("a dry run stores nothing, and what goes before the login is named", async () => {
  const { device } = await locked({ LULL_TOKEN: "another" });
  const dry = await typed(device, ["auth", "login", "--with-token", "--dry-run"], TOKEN);
  expect(dry.stdout).toContain("Would store");
  expect((await device.json(["secret", "list"])).json).toMatchObject({ secrets: [] });
  const login = await typed(device, ["auth", "login", "--with-token"], TOKEN);
  expect(login.stdout).toContain("as long as the environment variable LULL_TOKEN goes before it");
});

test("without a terminal, a token and a client id the command says what is missing", async () => {
  const { device } = await locked();
  const login = await device.lull(["auth", "login", "notes"], 2);
  expect(login.stderr).toContain("--with-token");
  expect(login.stderr).toContain("--client-id");
  const empty = await typed(device, ["auth", "login", "notes", "--with-token"], "\n");
  expect(empty.code).toBe(2);
  for (const args of [
    ["auth", "login", "nots"],
    ["auth", "login", "--host", "git@h.example:x", "--with-token"],
  ])
    expect((await typed(device, args, TOKEN)).code).toBe(2);
});

test("a login in the browser brings a token that the next sync renews when the server refuses it", async () => {
  await using oauth = startFakeOAuthServer();
  oauth.code = { body: { ...(oauth.code.body as object), interval: 0.01 } };
  oauth.replies = [
    { status: 400, body: { error: "authorization_pending" } },
    { body: { access_token: TOKEN, refresh_token: "canary-refresh-1", expires_in: 7200 } },
  ];
  const { device, directory } = await locked({ LULL_GITLAB_CLIENT_ID: "client" });
  const login = await device.lull([
    "auth",
    "login",
    "notes",
    "--service",
    "gitlab",
    "--login-url",
    oauth.url,
  ]);
  expect(login.stderr).toContain(`${oauth.url}/login/device`);
  expect(login.stderr).toContain("WDJB-MJHT");
  expect(said(login)).not.toContain("canary");
  expect((await device.json(["auth", "status"])).json).toMatchObject({
    checks: [{ credential: { renews: true, expiresAt: expect.any(Number) } }],
  });
  oauth.replies = [
    { body: { access_token: "canary-renewed-1", refresh_token: "canary-refresh-2", expires_in: 7200 } },
  ];
  server.token = "canary-renewed-1";
  device.write("a.md", "two\n");
  const sync = await device.lull(["sync", "--verbose"]);
  expect(said(sync)).not.toContain("canary");
  expectConverged([device], [directory]);
  expect(oauth.requests.at(-1)?.form).toMatchObject({
    grant_type: "refresh_token",
    refresh_token: "canary-refresh-1",
  });
});

const missing = missingForKeyring();
const noKeyring = cannotRun(
  missing !== undefined,
  `the keychain of a daemon: ${missing ?? ""} is not installed`,
);
test.skipIf(noKeyring)(
  "a daemon without a session bus of its own takes the token out of the keyring",
  async () => {
    await using keyring = await startKeyring({ service: true });
    const { device, directory } = await locked({ XDG_RUNTIME_DIR: keyring.runtimeDirectory });
    const login = await typed(device, ["auth", "login", "notes", "--with-token"], TOKEN);
    expect(login.stdout).toContain("in the keychain");
    await device.lull(["config", "set", "sources.notes.schedule", "on start"]);
    device.write("a.md", "two\n");
    await using daemon = await runDaemon(device);
    const end = await daemon.next("end");
    expect(end["run"]).toMatchObject({ outcome: "synced" });
    expectConverged([device], [directory]);
    await keyring.lock();
    device.write("a.md", "three\n");
    const refused = await device.lull(["sync"], 4);
    expect(said(refused)).toContain("the keychain does not give out the secret");
    expect(said(refused)).toContain("unlock the keychain");
  },
);

test("a source's own credential goes to the host of its main remote, and to no other", async () => {
  const { device, directory, name } = await locked();
  const second = `second-${name}`;
  createBareRepository(root, second);
  other.token = "of-the-other-host";
  const file = join(device.home, "token");
  writeFileSync(file, `${TOKEN}\n`, { mode: 0o600 });
  const config = readFileSync(device.configFile, "utf8");
  writeFileSync(
    device.configFile,
    config.replace(/^( +)remote: .*$/m, (_, indent: string) =>
      [
        `${indent}remotes: { origin: "${server.repository(name)}", spare: "${other.repository(second)}" }`,
        `${indent}credential: { command: [cat, ${file}] }`,
      ].join("\n"),
    ),
  );
  device.write("a.md", "two\n");
  const sync = await device.lull(["sync"], 4);
  expect(said(sync)).toContain("no token was given");
  expectConverged([device], [directory]);
  expect(other.requests.length).toBeGreaterThan(0);
  for (const { headers } of other.requests) expect(headers["authorization"]).toBeUndefined();
  const { code, json } = await device.json(["auth", "status"]);
  expect(code).toBe(4);
  expect(json).toMatchObject({
    checks: [
      { remote: "origin", credential: { place: "setting" }, test: { kind: "works" } },
      { remote: "spare", test: { kind: "refused", error: { code: "AUTH" } } },
    ],
  });
});

test("a setting that gives no credential is told as such", async () => {
  const { device } = await locked();
  await device.lull(["config", "set", "sources.notes.credential", "{ env: NOT_SET }"]);
  device.write("a.md", "two\n");
  const sync = await device.lull(["sync"], 4);
  expect(said(sync)).toContain("the environment variable NOT_SET (`credential.env`) is not set");
});

test("secrets are set from stdin, got on request, listed without values and removed", async () => {
  const device = makeDevice("laptop", { XDG_RUNTIME_DIR: "/nonexistent" });
  const set = await typed(device, ["secret", "set", "ssh-key:~/.ssh/id"], "canary pass phrase\n");
  expect(set.code).toBe(0);
  expect(said(set)).not.toContain("canary");
  const list = await device.lull(["secret", "list"]);
  expect(list.stdout).toContain(`ssh-key:${device.home}/.ssh/id`);
  expect(said(list)).not.toContain("canary");
  expect((await device.lull(["secret", "get", "ssh-key:~/.ssh/id"])).stdout).toBe("canary pass phrase\n");
  expect((await device.lull(["log", "--audit"])).stdout).toContain("secret set");
  await device.lull(["secret", "rm", "ssh-key:~/.ssh/id", "--dry-run"]);
  await device.lull(["secret", "rm", "ssh-key:~/.ssh/id"]);
  expect((await device.lull(["secret", "get", "ssh-key:~/.ssh/id"], 2)).stderr).toContain(
    "no secret is stored",
  );
  expect((await device.lull(["secret", "rm", "x"], 2)).stderr).toContain("no secret is stored");
  expect((await typed(device, ["secret", "set", "x"], "")).code).toBe(2);
  for (const entry of readdirSync(dirname(device.home), { recursive: true, withFileTypes: true })) {
    if (entry.isFile())
      expect(readFileSync(join(entry.parentPath, entry.name)).includes("canary")).toBe(false);
  }
});

test("the client id of a host can stand in the config; the command line goes before it", async () => {
  await using oauth = startFakeOAuthServer();
  oauth.code = { body: { ...(oauth.code.body as object), interval: 0.01 } };
  oauth.replies = [{ body: { access_token: TOKEN } }];
  const { device } = await locked({ LULL_GITLAB_CLIENT_ID: "of-every-gitlab" });
  const path = `logins."${new URL(server.url).host}"`;
  const login = `{ service: gitlab, client_id: of-the-config, url: "${oauth.url}" }`;
  await device.lull(["config", "set", path, login]);
  await device.lull(["auth", "login", "notes"]);
  await device.lull(["auth", "login", "notes", "--client-id", "of-the-line"]);
  const asked = oauth.requests.filter((request) => request.path.endsWith("/authorize_device"));
  expect(asked.map(({ form }) => form["client_id"])).toEqual(["of-the-config", "of-the-line"]);
});

test("a secret that was given as a word of the command line is refused and not repeated", async () => {
  const { device } = await locked();
  const secret = "canary no shape of a token";
  const slips = [
    ["secret", "set", "x", secret],
    ["auth", "login", "notes", secret],
    ["auth", "login", secret],
    ["auth", "login", "notes", `--with-token=${secret}`],
  ];
  for (const args of slips) {
    for (const more of [[], ["--json"], ["--verbose"]]) {
      const result = await device.lull([...args, ...more], 2);
      expect(said(result)).not.toContain("canary");
    }
  }
  const [first = []] = slips;
  expect((await device.lull(first, 2)).stderr).toContain("stdin");
  const variable = await cli.run(["auth", "login"], {
    cwd: device.home,
    env: { ...device.env, LULL_WITH_TOKEN: secret },
  });
  expect(variable.stderr).toContain("LULL_WITH_TOKEN is neither true nor false");
  expect(said(variable)).not.toContain("canary");
  const misspelt = await device.lull(["auth", "login", "note"], 2);
  expect(misspelt.stderr).toContain('did you mean "notes"?');
});
