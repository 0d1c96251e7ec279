/** What each manager is asked and told, by recorded answers of the real ones. */
import { expect, test } from "bun:test";

import { openService, type OpenServiceInput } from "../../src/service/open-service.ts";
import { renderAgent } from "../../src/service/launchd-agent.ts";
import { renderTask } from "../../src/service/task-xml.ts";
import { failureOf } from "../helpers/thrown.ts";
import { fakeSystem, OPTIONS, SPEC } from "./fake-effects.ts";

const { signal } = OPTIONS;
const PROGRAM = SPEC.command[0];
const ADA: OpenServiceInput = {
  system: "linux",
  scope: "user",
  environment: { PATH: "/bin", XDG_RUNTIME_DIR: "/run/user/1000" },
  home: "/home/ada",
  userId: 1000,
  user: "ada",
  stateDirectory: "/home/ada/.local/state/lull",
  program: PROGRAM,
};

const PRINTED = `gui/501/lull.daemon = {
	active count = 1
	path = /Users/ada/Library/LaunchAgents/lull.daemon.plist
	type = LaunchAgent
	state = running

	program = /home/ada/bin/lull
	arguments = {
		/home/ada/bin/lull
		daemon
	}

	default environment = {
		PATH => /usr/bin:/bin:/usr/sbin:/sbin
	}

	domain = gui/501 [100005]
	runs = 1
	pid = 4711
	immediate reason = speculative
	last exit code = (never exited)

	spawn type = background (4)
	jetsam priority = 40
	endpoints = {
		"x" = {
			state = active
			pid = 1
		}
	}
}
`;

test("without systemd, install says what to do instead and status is no error", async () => {
  for (const answer of [{ kind: "missing" } as const, { code: 1, stderr: "System has not been booted" }]) {
    const service = await openService(
      ADA,
      fakeSystem(() => answer),
      signal,
    );
    expect(service.kind).toBe("none");
    const error = await failureOf(service.install(SPEC, OPTIONS));
    expect(error.code).toBe("NO_SERVICE_MANAGER");
    expect(error.hint).toContain(`@reboot ${ADA.program} daemon start`);
    const nothing = await failureOf(service.uninstall(OPTIONS));
    expect([nothing.code, nothing.hint]).toEqual([
      "NO_SERVICE_MANAGER",
      "there is nothing to take out; `lull daemon stop` ends a daemon that runs",
    ]);
    expect(await service.status({ program: PROGRAM, signal })).toMatchObject({
      manager: "none",
      installed: "no",
    });
  }
});

test("where systemd runs but the person's manager is out of reach, the way to it is named", async () => {
  const system = fakeSystem(() => ({ code: 1, stderr: "Failed to connect to bus: No medium found\n" }));
  system.paths.add("/run/systemd/system");
  const service = await openService(ADA, system, signal);
  const error = await failureOf(service.install(SPEC, OPTIONS));
  expect(error).toMatchObject({
    code: "NO_USER_MANAGER",
    message:
      "systemd does not answer: systemctl failed with exit code 1: Failed to connect to bus: No medium found",
  });
  expect(error.hint).toContain("export XDG_RUNTIME_DIR=/run/user/1000");
  const status = await service.status({ program: PROGRAM, signal });
  expect(status).toMatchObject({ installed: "no", enabled: undefined, running: undefined });
});

test("the unit goes where the manager looks, not where only the shell does", async () => {
  const system = fakeSystem((command) =>
    command.includes("UnitPath")
      ? { stdout: "Version=255.4\nUnitPath=/home/ada/.config/systemd/user\n" }
      : {},
  );
  const environment = { ...ADA.environment, XDG_CONFIG_HOME: "/home/ada/.zsh-only" };
  const service = await openService({ ...ADA, environment }, system, signal);
  const installed = await service.install(SPEC, OPTIONS);
  expect(installed.file).toBe("/home/ada/.config/systemd/user/lull.service");
  expect(installed.text).toContain("RestartSteps=8");
  const reached = fakeSystem((command) =>
    command.includes("UnitPath") ? { stdout: "UnitPath=/home/ada/.zsh-only/systemd/user /x\n" } : {},
  );
  const other = await openService({ ...ADA, environment }, reached, signal);
  expect((await other.status({ program: PROGRAM, signal })).file).toBe(
    "/home/ada/.zsh-only/systemd/user/lull.service",
  );
});

test("a masked unit and one that a package brought are left to the person", async () => {
  const masked = fakeSystem((command) =>
    command.includes("LoadState") ? { stdout: "LoadState=masked\nActiveState=inactive\n" } : {},
  );
  const file = "/home/ada/.config/systemd/user/lull.service";
  masked.files.set(file, { kind: "other" });
  const service = await openService(ADA, masked, signal);
  const status = await service.status({ program: PROGRAM, signal });
  expect(status.installed).toBe("foreign");
  expect(status.problems.map(({ next }) => next)).toContain("systemctl --user unmask lull.service");
  const packaged = fakeSystem((command) =>
    command.includes("LoadState") ? { stdout: "FragmentPath=/usr/lib/systemd/user/lull.service\n" } : {},
  );
  const other = await openService(ADA, packaged, signal);
  expect((await failureOf(other.uninstall(OPTIONS))).code).toBe("FOREIGN_SERVICE");
});

test("a system service needs root and a person that exists", async () => {
  const scope = "system" as const;
  const plain = await openService(
    { ...ADA, scope },
    fakeSystem(() => undefined),
    signal,
  );
  const error = await failureOf(plain.install(SPEC, OPTIONS));
  expect(error.code).toBe("NEEDS_ROOT");
  expect(error.hint).toContain("sudo /home/ada/bin/lull service install --system");
  const system = fakeSystem((command) => (command === "id -u nobody-here" ? { code: 1 } : undefined));
  const root = await openService({ ...ADA, scope, userId: 0 }, system, signal);
  for (const user of ["nobody-here", "x\nExecStart=/bin/sh", "-x", "%u"])
    expect((await failureOf(root.install({ ...SPEC, user }, OPTIONS))).code).toBe("NO_SUCH_USER");
  const installed = await root.install(SPEC, OPTIONS);
  expect(installed.file).toBe("/etc/systemd/system/lull.service");
  expect(system.done).toContain("systemctl enable lull.service");
});

test("under su, which leaves the variable out, the person's manager is found all the same", async () => {
  const environments: unknown[] = [];
  const system = fakeSystem(() => undefined);
  system.paths.add("/run/user/1000");
  const seeing = {
    ...system,
    run: (async (command, options) => {
      environments.push(options.env?.["XDG_RUNTIME_DIR"]);
      return system.run(command, options);
    }) satisfies typeof system.run,
  };
  await openService({ ...ADA, environment: { PATH: "/bin" } }, seeing, signal);
  expect(environments).toEqual(["/run/user/1000"]);
});

const MAC: OpenServiceInput = { ...ADA, system: "macos", home: "/Users/ada", userId: 501 };
const PLIST = "/Users/ada/Library/LaunchAgents/lull.daemon.plist";

test("launchd: a first installation is loaded, the same again changes nothing", async () => {
  let loaded = false;
  const system = fakeSystem((command) => {
    if (command.includes("bootstrap")) loaded = true;
    if (command === "/bin/launchctl print gui/501/lull.daemon")
      return loaded ? { stdout: PRINTED } : { code: 113, stderr: "Could not find service" };
    return undefined;
  });
  const service = await openService(MAC, system, signal);
  expect(await service.status({ program: PROGRAM, signal })).toMatchObject({
    installed: "no",
    enabled: false,
    state: "not loaded",
  });
  system.done.length = 0;
  expect((await service.install(SPEC, OPTIONS)).outcome).toBe("installed");
  expect(system.done.filter((step) => !step.includes(" print"))).toEqual([
    `folder ${SPEC.stateDirectory}`,
    "folder /Users/ada/Library/LaunchAgents",
    `write ${PLIST}`,
    // A label that was switched off once stays so, whatever becomes of its file.
    "/bin/launchctl enable gui/501/lull.daemon",
    `/bin/launchctl bootstrap gui/501 ${PLIST}`,
  ]);
  expect(await service.install(SPEC, OPTIONS)).toMatchObject({ outcome: "unchanged", actions: [] });
  system.paths.add(PROGRAM);
  expect(await service.status({ program: PROGRAM, signal })).toMatchObject({
    installed: "yes",
    enabled: true,
    state: "running",
    running: { pid: 4711 },
    problems: [],
  });
});

test("launchd: another text replaces the running one only when that has ended", async () => {
  let asked = 0;
  const system = fakeSystem((command) => {
    if (command !== "/bin/launchctl print gui/501/lull.daemon") return undefined;
    // The first is the look; then it takes two rounds to end.
    return ++asked < 4 ? { stdout: PRINTED } : { code: 113 };
  });
  system.files.set(PLIST, { kind: "text", text: renderAgent(SPEC, "user") });
  const service = await openService(MAC, system, signal);
  const changed = { ...SPEC, command: [...SPEC.command, "--interval", "15m"] as const };
  const installed = await service.install(
    { ...changed, command: [PROGRAM, ...changed.command.slice(1)] },
    OPTIONS,
  );
  expect(installed.outcome).toBe("updated");
  const steps = system.done.filter((step) => /boot|write/.test(step));
  expect(steps).toEqual([
    `write ${PLIST}`,
    "/bin/launchctl bootout gui/501/lull.daemon",
    `/bin/launchctl bootstrap gui/501 ${PLIST}`,
  ]);
  expect(asked).toBe(5);
});

test("launchd: an agent that was switched off by name or has ended is started again", async () => {
  const system = fakeSystem((command) => {
    if (command.endsWith("print gui/501/lull.daemon"))
      return {
        stdout: PRINTED.replace("state = running", "state = not running").replace("\tpid = 4711\n", ""),
      };
    if (command.includes("print-disabled")) return { stdout: '\t"lull.daemon" => disabled\n' };
    return undefined;
  });
  system.files.set(PLIST, { kind: "text", text: renderAgent(SPEC, "user") });
  const service = await openService(MAC, system, signal);
  expect((await service.install(SPEC, OPTIONS)).outcome).toBe("started");
  expect(system.done).toContain("/bin/launchctl enable gui/501/lull.daemon");
  expect(system.done).toContain("/bin/launchctl kickstart gui/501/lull.daemon");
});

test("launchd: uninstalling boots it out, waits and removes the file; a second one has nothing to do", async () => {
  let loaded = true;
  const system = fakeSystem((command) => {
    if (command.includes("bootout")) loaded = false;
    return command.includes(" print ") ? { code: loaded ? 0 : 113, stdout: PRINTED } : undefined;
  });
  system.files.set(PLIST, { kind: "text", text: renderAgent(SPEC, "user") });
  const service = await openService(MAC, system, signal);
  expect((await service.uninstall(OPTIONS)).outcome).toBe("uninstalled");
  expect(system.files.size).toBe(0);
  expect((await service.uninstall(OPTIONS)).outcome).toBe("not-installed");
});

const WINDOWS: OpenServiceInput = {
  ...ADA,
  system: "windows",
  environment: { SystemRoot: String.raw`D:\Windows` },
  user: String.raw`DESK\Ada L.`,
  stateDirectory: String.raw`C:\Users\Ada\AppData\Local\lull\state`,
};
const SCHTASKS = String.raw`D:\Windows\System32\schtasks.exe`;
const TASK_TEXT = renderTask(SPEC, { name: "lull-Ada-L.", systemRoot: String.raw`D:\Windows` });
/** A German Windows: words are translated, numbers are not. */
const row = (result: number): string =>
  `"DESK","\\lull-Ada-L.","N/V","Wird ausgef\uFFFDhrt","Nur interaktiv","21.11.2026 20:41:00","${result}","DESK\\ada"\r\n`;

test("Task Scheduler: the task is registered from a file and started; the same again changes nothing", async () => {
  let registered: string | undefined;
  const system = fakeSystem((command) => {
    if (command.includes("/Create")) registered = TASK_TEXT;
    if (command.includes("/XML") && command.includes("/Query"))
      // It gives the text back in a layout of its own.
      return registered === undefined
        ? { code: 1 }
        : { stdout: registered.replaceAll(/>\r\n\s*</g, ">\r\n<") };
    if (command.includes("/FO CSV")) return registered === undefined ? { code: 1 } : { stdout: row(0x41301) };
    return undefined;
  });
  system.paths.add(PROGRAM);
  const service = await openService(WINDOWS, system, signal);
  expect(await service.status({ program: PROGRAM, signal })).toMatchObject({
    installed: "no",
    problems: [{ what: "it is not installed" }],
  });
  system.done.length = 0;
  expect((await service.install({ ...SPEC }, OPTIONS)).outcome).toBe("installed");
  const file = String.raw`C:\Users\Ada\AppData\Local\lull\state\service\task.xml`;
  expect(system.done.filter((step) => !step.includes("/Query"))).toEqual([
    String.raw`folder C:\Users\Ada\AppData\Local\lull\state\service`,
    `write ${file}`,
    `${SCHTASKS} /Create /TN lull-Ada-L. /XML ${file} /F`,
    `${SCHTASKS} /Run /TN lull-Ada-L.`,
  ]);
  expect(await service.install(SPEC, OPTIONS)).toMatchObject({ outcome: "unchanged" });
  expect(await service.status({ program: PROGRAM, signal })).toMatchObject({
    installed: "yes",
    enabled: true,
    state: "running",
    problems: [],
  });
});

test("Task Scheduler: one that was switched off or has failed is told of, and mended", async () => {
  const settings = TASK_TEXT.indexOf("<Settings>");
  const off =
    TASK_TEXT.slice(0, settings) +
    TASK_TEXT.slice(settings).replace("<Enabled>true</Enabled>", "<Enabled>false</Enabled>");
  const system = fakeSystem((command) => {
    if (command.includes("/Query") && command.includes("/XML")) return { stdout: off };
    return command.includes("/FO CSV") ? { stdout: row(0x80070002) } : undefined;
  });
  const service = await openService(WINDOWS, system, signal);
  const status = await service.status({ program: PROGRAM, signal });
  expect(status).toMatchObject({ installed: "yes", enabled: false, state: "not running" });
  expect(status.problems.map(({ what }) => what)).toContain("its last start ended with 0x80070002");
  expect((await service.install(SPEC, OPTIONS)).outcome).toBe("started");
  expect(system.done.some((step) => step.includes("/Create"))).toBe(true);
  expect((await service.uninstall(OPTIONS)).outcome).toBe("uninstalled");
});

test("Task Scheduler: somebody else's task of this name stays; there is no service of the system", async () => {
  const system = fakeSystem((command) =>
    command.includes("/XML") ? { stdout: "<Task><Settings/></Task>" } : { stdout: row(0) },
  );
  const service = await openService(WINDOWS, system, signal);
  expect((await failureOf(service.uninstall(OPTIONS))).code).toBe("FOREIGN_SERVICE");
  const whole = await openService({ ...WINDOWS, scope: "system" }, system, signal);
  expect((await failureOf(whole.install(SPEC, OPTIONS))).code).toBe("NO_SERVICE_MANAGER");
});

test("Task Scheduler: variables have to be the person's for good, as a task has none of its own", async () => {
  const stored = String.raw`D:\my lull`;
  const system = fakeSystem((command) => {
    if (!command.includes("reg.exe")) return { code: 1 };
    return { stdout: `\r\nHKEY_CURRENT_USER\\Environment\r\n    LULL_HOME    REG_SZ    ${stored}\r\n\r\n` };
  });
  const service = await openService(WINDOWS, system, signal);
  const dry = { ...OPTIONS, dryRun: true };
  const kept = await service.install({ ...SPEC, environment: { LULL_HOME: stored } }, dry);
  expect(kept.outcome).toBe("installed");
  const error = await failureOf(service.install({ ...SPEC, environment: { LULL_HOME: "E:\\x" } }, dry));
  expect(error).toMatchObject({ code: "SERVICE_ENVIRONMENT" });
  expect(error.hint).toContain(String.raw`setx LULL_HOME "E:\x"`);
});

test("a program of the manager that hangs or is missing is named in the error", async () => {
  for (const [answer, words] of [
    [{ kind: "timeout" } as const, "did not end in time"],
    [{ code: 5, stderr: "\nBootstrap failed: 5: Input/output error\n" }, "Bootstrap failed: 5"],
    [{ kind: "missing" } as const, "there is no such program"],
  ] as const) {
    const system = fakeSystem((command) =>
      command.includes("bootstrap") ? answer : command.includes(" print ") ? { code: 113 } : undefined,
    );
    const service = await openService(MAC, system, signal);
    const error = await failureOf(service.install(SPEC, OPTIONS));
    expect(error.code).toBe("SERVICE_TOOL_FAILED");
    expect(error.message).toContain(words);
  }
});

test("an interruption stops between two steps", async () => {
  const controller = new AbortController();
  const system = fakeSystem((command) => (command.includes(" print ") ? { code: 113 } : undefined));
  const service = await openService(
    MAC,
    { ...system, makeFolder: () => controller.abort() },
    controller.signal,
  );
  const options = { ...OPTIONS, signal: controller.signal };
  expect((await failureOf(service.install(SPEC, options))).code).toBe("INTERRUPTED");
  expect(system.files.size).toBe(0);
});
