/** Secrets of twelve shapes go in wherever others can put words into lull's mouth; none may come out anywhere. */
import { afterAll, afterEach, expect, test } from "bun:test";
import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { cli, type CliRunner, inProcess } from "../helpers/cli-runner.ts";
import { runDaemon } from "../helpers/daemon-process.ts";
import { type Device, makeDevice } from "../helpers/device.ts";
import { createBareRepository, startGitServer } from "../helpers/git-http-server.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

const CANARY = "c4nary";

/** Each holds the word by which it is looked for. */
const SHAPES: Readonly<Record<string, string>> = {
  "URL with a password": `https://ada:${CANARY}/pw@h.example/x.git`,
  "Authorization header": `Authorization: Basic ${CANARY}AAAAAAAAAAAAAAAA==`,
  "bearer token": `Bearer ${CANARY}.AAAAAAAAAAAAAAAA`,
  "GitHub token": `ghp_${CANARY}0123456789012345678901`,
  "GitHub fine-grained token": `github_pat_11AAAA_${CANARY}0123456789`,
  "GitLab token": `glpat-${CANARY}-01234567890123`,
  "AWS secret": `aws_secret_access_key=${CANARY}/AAAA+AAAA`,
  "private key": `-----BEGIN OPENSSH PRIVATE KEY----- ${CANARY} -----END OPENSSH PRIVATE KEY-----`,
  "JSON Web Token": `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.${CANARY}`,
  "password pair": `password=${CANARY}`,
  "token in a query": `/oauth?access_token=${CANARY}&x=1`,
  "token in JSON": `{"refresh_token":"${CANARY}"}`,
  "age key": `AGE-SECRET-KEY-1${CANARY.toUpperCase()}AAAAAAAAAAAAAAAAAAAA`,
};

const root = temporaryDirectory();
const server = await startGitServer(root);
afterAll(() => server.stop());
afterEach(() => server.clear());

/** What is struck out is the same in every process: one shape takes the way through a program of its own. */
const runners = new Map(Object.keys(SHAPES).map((shape, index) => [shape, index === 0 ? cli : inProcess]));
const runnerOf = (shape: string): CliRunner => runners.get(shape) ?? cli;

let repositories = 0;

async function synced(runner = cli) {
  const name = `canary-${repositories++}.git`;
  const directory = createBareRepository(root, name);
  const device = makeDevice("laptop", { XDG_RUNTIME_DIR: "/nonexistent" }, runner);
  device.write("a.md", "one\n");
  await device.lull(["add", "notes", "--remote", server.repository(name)]);
  await device.lull(["sync"]);
  return { device, directory };
}

function expectNone(text: string): void {
  expect(text.toLowerCase()).not.toContain(CANARY);
}

/** Everything that can be read of the last sync, and every file that lull keeps. */
async function expectNothingKept(device: Device, runner = cli): Promise<void> {
  for (const args of [
    ["status"],
    ["why"],
    ["log"],
    ["log", "--json"],
    ["status", "--json"],
    ["why", "--json"],
    ["stats"],
  ]) {
    const { stdout, stderr } = await runner.run(args, { cwd: device.home, env: device.env });
    expectNone(stdout + stderr);
  }
  for (const entry of readdirSync(device.stateDirectory, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) expectNone(readFileSync(join(entry.parentPath, entry.name), "latin1"));
  }
}

async function failedSyncs(device: Device, runner: CliRunner): Promise<string> {
  let said = "";
  for (const flags of [[], ["--verbose"], ["--json"]]) {
    const { stdout, stderr, code } = await runner.run(["sync", ...flags], {
      cwd: device.home,
      env: device.env,
    });
    expect(code).not.toBe(0);
    said += stdout + stderr;
  }
  return said;
}

test.each(Object.entries(SHAPES))("a server's answer: %s", async (shape, secret) => {
  const runner = runnerOf(shape);
  const { device } = await synced(runner);
  device.write("a.md", "two\n");
  server.fault = () => ({ kind: "answer", status: 403, body: `refused: ${secret} was sent` });
  const said = await failedSyncs(device, runner);
  expect(said).toContain("refused:");
  expectNone(said);
  await expectNothingKept(device, runner);
});

test.each(Object.entries(SHAPES))("a hook's words at a push: %s", async (shape, secret) => {
  const runner = runnerOf(shape);
  const { device, directory } = await synced(runner);
  const hook = join(directory, "hooks", "pre-receive");
  writeFileSync(hook, `#!/bin/sh\ncat >/dev/null\necho 'no entry: ${secret}' >&2\nexit 1\n`);
  chmodSync(hook, 0o755);
  device.write("a.md", "two\n");
  const said = await failedSyncs(device, runner);
  expectNone(said);
  await expectNothingKept(device, runner);
});

test.each(Object.entries(SHAPES))("the words of a credential's program: %s", async (shape, secret) => {
  const runner = runnerOf(shape);
  const { device } = await synced(runner);
  await device.lull(["config", "set", "sources.notes.credential", `{ file: ${script(device, secret)} }`]);
  const file = readFileSync(device.configFile, "utf8");
  writeFileSync(device.configFile, file.replace(/\{ file: (.*) \}/, "{ command: [$1] }"));
  device.write("a.md", "two\n");
  const said = await failedSyncs(device, runner);
  expect(said).toContain("it ended with 3");
  expectNone(said);
  await expectNothingKept(device, runner);
});

function script(device: Device, secret: string): string {
  const path = join(dirname(device.home), "program");
  writeFileSync(path, `#!/bin/sh\necho 'locked: ${secret}' >&2\nexit 3\n`, { mode: 0o755 });
  return path;
}

test.each(Object.entries(SHAPES))("a mistake in the config: %s", async (shape, secret) => {
  const device = makeDevice("laptop", {}, runnerOf(shape));
  await device.lull(["init", "--yes"]);
  writeFileSync(
    device.configFile,
    `version: 1\nsources:\n  notes:\n    repo: ~/notes\n    nots: '${secret}'\n`,
  );
  for (const flags of [[], ["--verbose"], ["--json"]]) {
    for (const args of [["config", "check"], ["sync"], ["config", "set", "device", secret]]) {
      const { stdout, stderr, code } = await runnerOf(shape).run([...args, ...flags], {
        cwd: device.home,
        env: device.env,
      });
      expect(code).not.toBe(0);
      expectNone(stdout + stderr);
    }
  }
});

test("the daemon: its story, its log, its history and what it answers", async () => {
  const { device } = await synced();
  const secrets = Object.values(SHAPES);
  let turn = 0;
  server.fault = () => ({
    kind: "answer",
    status: 403,
    body: `refused: ${secrets[turn++ % secrets.length] ?? ""}`,
  });
  await device.lull(["config", "set", "sources.notes.schedule", "on start"]);
  device.write("a.md", "two\n");
  await using daemon = await runDaemon(device);
  const end = await daemon.next("end");
  expect(JSON.stringify(end)).toContain("refused:");
  const { stdout } = await device.lull(["daemon", "status", "--json"]);
  expectNone(stdout);
  daemon.signal("SIGTERM");
  await daemon.exited;
  expectNone(JSON.stringify(daemon.story) + daemon.stderr());
  await expectNothingKept(device);
  expectNone((await device.lull(["logs"])).stdout);
});
