/** `lull service` as a person types it; the compiled binary installs itself into a real systemd and takes itself out. */
import { afterAll, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { renderUnit } from "../../src/service/systemd-unit.ts";
import { cli, inProcess, runJson } from "../helpers/cli-runner.ts";
import { cannotRun } from "../helpers/skip.ts";
import { reasonOf, startUserManager } from "../helpers/systemd-user.ts";
import { tempHome } from "../helpers/temp-home.ts";

const started = await startUserManager();
const hindered = cannotRun(started.kind === "hindered", `no systemd --user: ${reasonOf(started)}`);
const manager = started.kind === "hindered" ? (undefined as never) : started.manager;
afterAll(async () => {
  if (!hindered) await manager.stop();
});

test("without a service, status says so by its exit code as well", async () => {
  const home = tempHome({ XDG_RUNTIME_DIR: "/nowhere" });
  const { code, json } = await runJson(["service", "status"], { cwd: home.home, env: home.env });
  expect(code).toBe(1);
  expect(json).toMatchObject({ version: 1, installed: "no", isGood: false });
});

test("a wrong interval is wrong usage, before anything else is looked at", async () => {
  const home = tempHome();
  const args = ["service", "install", "--interval", "soon"];
  const { code, stderr } = await cli.run(args, { cwd: home.home, env: home.env });
  // From sources the first thing to say is that there is no binary.
  if (cli.kind === "binary") expect(code).toBe(2);
  expect(stderr).toContain(cli.kind === "binary" ? '--interval can not be "soon"' : "compiled binary");
});

test("sources are not installed, for want of a program that stays", async () => {
  const home = tempHome();
  const ended = await inProcess.run(["service", "install"], { cwd: home.home, env: home.env });
  expect(ended.code).not.toBe(0);
  expect(ended.stderr).toContain("compiled binary");
});

const binary = process.env["LULL_E2E_BINARY"] ?? "";
// What is about the binary itself is no test of the sources.
const binaryTest = cli.kind === "binary" ? test.skipIf(hindered) : () => {};

binaryTest("the binary writes its own path, nothing in a dry run, and takes out what it wrote", async () => {
  const options = { cwd: manager.home, env: { ...manager.env, LULL_TOKEN: "s3cret" } };
  const file = join(manager.home, ".config/systemd/user/lull.service");
  await cli.run(["init", "--yes"], options);
  const dry = await cli.run(["service", "install", "--dry-run"], options);
  expect(dry).toMatchObject({ code: 0, stderr: "" });
  expect(dry.stdout).toContain(`ExecStart=${binary} daemon run --service\n`);
  expect(dry.stdout).toContain("run: systemctl --user enable lull.service");
  expect(dry.stdout).not.toContain("s3cret");
  expect((await cli.run(["service", "uninstall"], options)).stdout).toContain("nothing to do");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, "[Service]\nExecStart=/bin/true\n");
  const foreign = await cli.run(["service", "install"], options);
  expect(foreign).toMatchObject({ code: 1 });
  expect(foreign.stderr).toContain("was not written by lull");
  expect(readFileSync(file, "utf8")).toContain("/bin/true");
  expect(await cli.run(["service", "uninstall", "--force"], options)).toMatchObject({
    code: 0,
    stderr: "",
  });
});

binaryTest(
  "what the unit takes away, the binary does not need: threads, compiled code, the database, git",
  async () => {
    const spec = {
      command: [binary, "demo"] as const,
      environment: {},
      umask: 0o022,
      user: "root",
      stateDirectory: manager.home,
      notifies: "directly" as const,
    };
    const text = renderUnit(spec, { scope: "user", version: 252 })
      .replace("Type=notify", "Type=oneshot")
      .replaceAll(/^(?:NotifyAccess|WatchdogSec|ExecReload|Restart|RestartSec)=.*\n/gm, "");
    const file = join(manager.home, ".config/systemd/user/lull-demo.service");
    mkdirSync(dirname(file), { recursive: true });
    const output = join(manager.home, "demo.txt");
    writeFileSync(file, text.replace("[Install]", `StandardOutput=file:${output}\n\n[Install]`));
    await manager.systemctl("daemon-reload");
    expect(await manager.systemctl("start", "lull-demo.service")).toEqual({ code: 0, output: "" });
    expect(readFileSync(output, "utf8")).toContain("conflict");
  },
);
