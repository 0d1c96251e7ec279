/** lull's unit under a real `systemd --user`, with a stand-in for the daemon. */
import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { systemTimers } from "../../src/base/timers.ts";
import { runProgram } from "../../src/platform/run-program.ts";
import { openService } from "../../src/service/open-service.ts";
import { serviceFiles } from "../../src/service/service-files.ts";
import type { ServiceManager, ServiceSpec } from "../../src/service/service.ts";
import { systemdCommand, systemdWord } from "../../src/service/systemd-quoting.ts";
import { renderUnit } from "../../src/service/systemd-unit.ts";
import { seededRandom } from "../helpers/random.ts";
import { cannotRun } from "../helpers/skip.ts";
import { reasonOf, startUserManager, until } from "../helpers/systemd-user.ts";
import { failureOf } from "../helpers/thrown.ts";
import { OPTIONS } from "./fake-effects.ts";

const started = await startUserManager();
const hindered = cannotRun(started.kind === "hindered", `no systemd --user: ${reasonOf(started)}`);
const manager = started.kind === "hindered" ? (undefined as never) : started.manager;
afterAll(async () => {
  if (!hindered) await manager.stop();
});

const { signal } = OPTIONS;
const standIn = join(import.meta.dir, "stand-in-daemon.ts");

async function service(): Promise<ServiceManager> {
  return openService(
    {
      system: "linux",
      scope: "user",
      environment: manager.env,
      home: manager.home,
      userId: process.getuid?.() ?? 0,
      user: "nobody-with-lingering",
      stateDirectory: join(manager.home, "state"),
      program: process.execPath,
    },
    { ...serviceFiles, run: runProgram, timers: systemTimers },
    signal,
  );
}

/** A folder whose name needs every kind of quoting stands for the one that lull keeps its things in. */
function place(): string {
  const folder = join(manager.home, String.raw`my "place" 100% $HOME \ é`);
  mkdirSync(folder, { recursive: true });
  return folder;
}

function spec(...more: readonly string[]): ServiceSpec {
  return {
    command: [process.execPath, standIn, "daemon", "run", "--service", ...more],
    environment: { LULL_HOME: place() },
    umask: 0o027,
    user: "root",
    stateDirectory: join(manager.home, "state"),
    notifies: "directly",
  };
}

async function property(name: string): Promise<string> {
  return (await manager.systemctl("show", "--value", `--property=${name}`, "lull.service")).output.trim();
}

/** The pauses of a real unit are too long for a test; a drop-in is what a person would use, too. */
async function dropIn(...lines: readonly string[]): Promise<void> {
  const file = join(manager.home, ".config/systemd/user/lull.service.d/test.conf");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, ["[Service]", ...lines, ""].join("\n"));
  await manager.systemctl("daemon-reload");
}

test.skipIf(hindered)("a first installation starts the daemon, and status tells of it", async () => {
  const lull = await service();
  const before = await lull.status({ program: process.execPath, signal });
  expect(before).toMatchObject({ installed: "no", enabled: false, running: undefined });
  const installed = await lull.install(spec(), OPTIONS);
  expect(installed.outcome).toBe("installed");
  expect(installed.problems.map(({ next }) => next)).toEqual(["loginctl enable-linger"]);
  expect(await property("ActiveState")).toBe("active");
  expect(await property("StatusText")).toBe("3 sources next sync at 14:05");
  const noted: unknown = JSON.parse(readFileSync(join(place(), "started.json"), "utf8"));
  expect(noted).toEqual({ words: ["daemon", "run", "--service"], umask: 0o027, home: place() });
  const status = await lull.status({ program: process.execPath, signal });
  expect(status).toMatchObject({ installed: "yes", enabled: true, state: "active", lingering: false });
  expect(status.running?.pid).toBe(Number(await property("MainPID")));
  expect(status.running?.since).toBeGreaterThan(Date.parse("2020-01-01"));
});

test.skipIf(hindered)("the same installation again changes nothing, another one restarts", async () => {
  const lull = await service();
  const pid = await property("MainPID");
  expect(await lull.install(spec(), OPTIONS)).toMatchObject({ outcome: "unchanged", actions: [] });
  expect(await property("MainPID")).toBe(pid);
  const dry = await lull.install(spec("--interval", "15m"), { ...OPTIONS, dryRun: true });
  expect(dry.outcome).toBe("updated");
  expect(await property("MainPID")).toBe(pid);
  expect((await lull.install(spec("--interval", "15m"), OPTIONS)).outcome).toBe("updated");
  expect(await property("MainPID")).not.toBe(pid);
  expect(readFileSync(join(place(), "started.json"), "utf8")).toContain('"--interval","15m"');
});

test.skipIf(hindered)("what was stopped or switched off by hand is started again", async () => {
  const lull = await service();
  await manager.systemctl("disable", "--now", "lull.service");
  const status = await lull.status({ program: process.execPath, signal });
  expect(status).toMatchObject({ installed: "yes", enabled: false, state: "inactive", running: undefined });
  expect(status.problems.map(({ what }) => what)).toContain("it is not running");
  expect((await lull.install(spec("--interval", "15m"), OPTIONS)).outcome).toBe("started");
  expect(await property("ActiveState")).toBe("active");
});

test.skipIf(hindered)("an edit by hand and a program that is gone are seen", async () => {
  const lull = await service();
  expect((await lull.status({ program: "/elsewhere/lull", signal })).installed).toBe("differs");
  const file = lull.kind === "systemd" ? join(manager.home, ".config/systemd/user/lull.service") : "";
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.replace("Nice=10", "Nice=0"));
  expect((await lull.status({ program: process.execPath, signal })).installed).toBe("differs");
  expect((await lull.install(spec("--interval", "15m"), OPTIONS)).outcome).toBe("updated");
  expect(readFileSync(file, "utf8")).toBe(text);
});

test.skipIf(hindered)("a daemon that is killed is started again", async () => {
  await dropIn("RestartSec=100ms");
  const pid = await property("MainPID");
  await manager.systemctl("kill", "--signal=KILL", "lull.service");
  expect(await until(async () => !["0", pid].includes(await property("MainPID")))).toBe(true);
  expect(await until(async () => (await property("ActiveState")) === "active")).toBe(true);
  expect(await property("NRestarts")).toBe("1");
});

test.skipIf(hindered)("a reload is done in the running daemon", async () => {
  const pid = await property("MainPID");
  expect((await manager.systemctl("reload", "lull.service")).code).toBe(0);
  expect(await until(async () => (await property("StatusText")) === "reloaded")).toBe(true);
  expect(await until(async () => (await property("ActiveState")) === "active")).toBe(true);
  expect(await property("MainPID")).toBe(pid);
});

test.skipIf(hindered)("a daemon that gives no sign of life is ended and started again", async () => {
  await dropIn("RestartSec=100ms", "WatchdogSec=1");
  await manager.systemctl("restart", "lull.service");
  const pid = await property("MainPID");
  await manager.systemctl("kill", "--kill-whom=main", "--signal=USR1", "lull.service");
  expect(await until(async () => !["0", pid].includes(await property("MainPID")))).toBe(true);
  expect(await until(async () => (await property("ActiveState")) === "active")).toBe(true);
  await dropIn("RestartSec=100ms");
});

test.skipIf(hindered)("uninstalling stops it and takes everything out, once", async () => {
  const lull = await service();
  expect((await lull.uninstall({ ...OPTIONS, dryRun: true })).outcome).toBe("uninstalled");
  expect(await property("ActiveState")).toBe("active");
  rmSync(join(manager.home, ".config/systemd/user/lull.service.d"), { recursive: true });
  expect((await lull.uninstall(OPTIONS)).outcome).toBe("uninstalled");
  expect(await property("LoadState")).toBe("not-found");
  expect(existsSync(join(manager.home, ".config/systemd/user/default.target.wants/lull.service"))).toBe(
    false,
  );
  expect(await lull.uninstall(OPTIONS)).toMatchObject({ outcome: "not-installed", actions: [] });
});

test.skipIf(hindered)("a unit that somebody else wrote stays, unless it is forced", async () => {
  const lull = await service();
  const file = join(manager.home, ".config/systemd/user/lull.service");
  writeFileSync(file, "[Service]\nExecStart=/bin/true\n");
  expect((await failureOf(lull.install(spec(), OPTIONS))).code).toBe("FOREIGN_SERVICE");
  expect((await failureOf(lull.uninstall(OPTIONS))).code).toBe("FOREIGN_SERVICE");
  expect(readFileSync(file, "utf8")).toContain("/bin/true");
  expect((await lull.status({ program: process.execPath, signal })).installed).toBe("foreign");
  expect((await lull.install(spec(), { ...OPTIONS, force: true })).outcome).toBe("updated");
  expect((await lull.uninstall(OPTIONS)).outcome).toBe("uninstalled");
});

test.skipIf(hindered)("a daemon that can not start fails the installation, and status says how", async () => {
  const lull = await service();
  const broken = { ...spec(), command: ["/bin/sh", "-c", "exit 2"] as const };
  const error = await failureOf(lull.install(broken, OPTIONS));
  expect(error.code).toBe("SERVICE_TOOL_FAILED");
  expect(error.hint).toContain("journalctl --user -u lull.service");
  const status = await lull.status({ program: "/bin/sh", signal });
  expect(status).toMatchObject({ installed: "yes", state: "waiting to restart", running: undefined });
  expect(status.problems.map(({ what }) => what)).toContain("it failed (exit status 2)");
  expect((await lull.uninstall(OPTIONS)).outcome).toBe("uninstalled");
});

test.skipIf(hindered)("systemd reads every word and every variable back as it was", async () => {
  const random = seededRandom(11);
  const signs = [
    "a",
    " ",
    "%",
    "%h",
    "$",
    "$$",
    "${HOME}",
    '"',
    "'",
    "\\",
    "\\n",
    ";",
    "#",
    "é",
    "🌍",
    "\t",
    "=",
    "-",
  ];
  const text = (most: number): string =>
    Array.from({ length: random.below(most) }, () => random.pick(signs)).join("");
  const folder = join(manager.home, "words");
  mkdirSync(folder);
  const commands = Array.from({ length: 60 }, (_, index) => {
    // A name alone may hold anything but a slash; a program in it is found by its path, word for word.
    const program = join(folder, `${index} ${text(6)}`);
    writeFileSync(program, `#!/bin/sh\nprintf '%s\\0' "$0" "$LULL_WORD" "$@" > ${folder}/${index}.out\n`, {
      mode: 0o755,
    });
    return [program, ...Array.from({ length: random.below(5) }, () => text(6))];
  });
  for (const [index, command] of commands.entries()) {
    const value = text(8);
    const unit = [
      "[Service]",
      "Type=oneshot",
      `Environment=${systemdWord(`LULL_WORD=${value}`)}`,
      `ExecStart=${systemdCommand(command)}`,
    ];
    writeFileSync(
      join(manager.home, ".config/systemd/user", `word-${index}.service`),
      `${unit.join("\n")}\n`,
    );
    (command as string[]).splice(1, 0, value);
  }
  await manager.systemctl("daemon-reload");
  const units = commands.map((_, index) => `word-${index}.service`);
  expect(await manager.systemctl("start", ...units)).toEqual({ code: 0, output: "" });
  for (const [index, wanted] of commands.entries())
    expect(
      readFileSync(join(folder, `${index}.out`), "utf8")
        .split("\0")
        .slice(0, -1),
    ).toEqual(wanted);
});

test.skipIf(hindered)(
  "nothing in the unit is refused to a plain user, whose helper program may notify",
  async () => {
    const NOBODY = 65_534;
    const theirs = await startUserManager(NOBODY);
    if (theirs.kind === "hindered") throw new Error(theirs.reason);
    const { home, systemctl, stop } = theirs.manager;
    try {
      const command = ["/bin/sh", "-c", "systemd-notify --ready; exec sleep 600"] as const;
      const wanted: ServiceSpec = {
        ...spec(),
        command,
        environment: {},
        user: "nobody",
        notifies: "by-program",
      };
      const folder = join(home, ".config/systemd/user");
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "lull.service"), renderUnit(wanted, { scope: "user", version: 252 }));
      await systemctl("daemon-reload");
      expect(await systemctl("start", "lull.service")).toEqual({ code: 0, output: "" });
      // What needs privileges ends it with status 218, and is why the unit of a person does without.
      const privileged = ["ProtectClock", "ProtectKernelLogs", "ProtectKernelModules", "PrivateDevices"];
      for (const option of privileged) {
        const unit = `[Service]\nType=oneshot\n${option}=yes\nExecStart=/bin/true\n`;
        writeFileSync(join(folder, "refused.service"), unit);
        await systemctl("daemon-reload");
        await systemctl("start", "refused.service");
        const status = await systemctl("show", "--value", "--property=ExecMainStatus", "refused.service");
        expect([option, status.output.trim()]).toEqual([option, "218"]);
      }
    } finally {
      await stop();
    }
  },
);
