import { expect, test } from "bun:test";

import type { ServiceReport } from "../../../src/app/get-service-status.ts";
import type { ServiceInstalled } from "../../../src/app/service-scope.ts";
import { installedLines, serviceStatusLines, uninstalledLines } from "../../../src/cli/print/service.ts";
import { createStyle, symbolsFor } from "../../../src/cli/style.ts";
import { fakeClock } from "../../helpers/fake-clock.ts";

const clock = fakeClock("2026-03-02T12:00:00Z");
const look = {
  style: createStyle(false),
  symbols: symbolsFor({ LANG: "C.UTF-8" }),
  clock,
  width: undefined,
  home: "/home/ada",
};
const FILE = "/home/ada/.config/systemd/user/lull.service";

const installed: ServiceInstalled = {
  manager: "systemd",
  scope: "user",
  outcome: "installed",
  file: FILE,
  text: "[Service]\nExecStart=/x\u001B[31m\n",
  actions: [
    { kind: "make-folder", folder: "/home/ada/.config/systemd/user" },
    { kind: "write", file: FILE, text: "", encoding: "utf-8" },
    { kind: "run", command: ["systemctl", "--user", "daemon-reload"], onFailure: "stop" },
    { kind: "wait-until-fails", command: ["launchctl", "print"] },
  ],
  dryRun: false,
  problems: [{ what: "lingering is off", next: "loginctl enable-linger" }],
};

test("an installation says where, and what else to do", () => {
  expect(installedLines(installed, look)).toEqual([
    "✓ Installed and started the service (systemd, ~/.config/systemd/user/lull.service)",
    "! lingering is off",
    "  Next: loginctl enable-linger",
  ]);
  expect(installedLines({ ...installed, outcome: "unchanged", actions: [], problems: [] }, look)).toEqual([
    "· The service is installed and running; nothing to change (systemd, ~/.config/systemd/user/lull.service)",
  ]);
});

test("--dry-run shows each step and the text, safe to print", () => {
  expect(installedLines({ ...installed, dryRun: true, problems: [] }, look)).toEqual([
    "Would install and start the service (systemd, ~/.config/systemd/user/lull.service)",
    "  create the folder /home/ada/.config/systemd/user, if it is missing",
    `  write ${FILE}`,
    "  run: systemctl --user daemon-reload",
    "  wait until it has ended: launchctl print",
    "",
    `# ${FILE}`,
    "[Service]",
    "ExecStart=/x\\x1b[31m",
  ]);
});

test("an uninstallation says what was done, or that there was nothing", () => {
  const uninstalled = {
    manager: "launchd",
    scope: "user",
    outcome: "uninstalled",
    file: FILE,
    actions: [{ kind: "remove", file: FILE }],
    dryRun: false,
  } as const;
  expect(uninstalledLines(uninstalled, look)).toEqual(["✓ Stopped the service and took it out (launchd)"]);
  expect(uninstalledLines({ ...uninstalled, dryRun: true }, look)).toEqual([
    "Would stop the service and take it out (launchd)",
    `  remove ${FILE}`,
  ]);
  expect(uninstalledLines({ ...uninstalled, outcome: "not-installed" }, look)).toEqual([
    "· The service is not installed; nothing to do (launchd)",
  ]);
});

const report: ServiceReport = {
  manager: "systemd",
  scope: "user",
  file: FILE,
  installed: "yes",
  command: ["/opt/lull", "daemon", "run", "--service"],
  enabled: true,
  state: "active",
  running: { pid: 4711, since: clock.now() - 3 * 3_600_000 },
  lingering: false,
  problems: [{ what: "lingering is off", next: "loginctl enable-linger" }],
  lastHeartbeat: clock.now() - 20_000,
  isGood: true,
};

test("a status tells each fact, and what to do", () => {
  expect(serviceStatusLines(report, look).join("\n")).toBe(
    [
      "✓ The service is installed and running",
      "  manager        systemd, your own",
      "  installed      yes",
      "  file           ~/.config/systemd/user/lull.service",
      "  runs           /opt/lull daemon run --service",
      "  enabled        yes",
      "  running        yes, process 4711, for 3 h",
      "  heartbeat      just now",
      "  after log-out  stops",
      "! lingering is off",
      "  Next: loginctl enable-linger",
    ].join("\n"),
  );
});

test("a status without a service is as short as it is true", () => {
  const none: ServiceReport = {
    ...report,
    manager: "none",
    file: undefined,
    installed: "no",
    command: undefined,
    enabled: undefined,
    state: undefined,
    running: undefined,
    lingering: undefined,
    problems: [],
    lastHeartbeat: undefined,
    isGood: false,
  };
  expect(serviceStatusLines(none, look)).toEqual([
    "! There is nothing here that could keep a service",
    "  manager    none",
    "  installed  no",
    "  running    no",
    "  heartbeat  none",
  ]);
  const failed = { ...none, manager: "systemd", state: "failed", scope: "system" } as const;
  expect(serviceStatusLines(failed, look).join("\n")).toContain("running    no (failed)");
});
