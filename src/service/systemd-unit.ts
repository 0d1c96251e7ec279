/** The text of lull's systemd unit. Pure; checked with `systemd-analyze verify` and run by a real manager. */
import type { ServiceScope, ServiceSpec } from "./service.ts";
import { markOf } from "./service-text.ts";
import { systemdCommand, systemdWord } from "./systemd-quoting.ts";

export const UNIT = "lull.service";

export type UnitInput = {
  readonly scope: ServiceScope;
  /** The manager's major version; undefined: unknown. */
  readonly version: number | undefined;
};

/** @throws LullError `BAD_SERVICE_TEXT` */
export function renderUnit(spec: ServiceSpec, { scope, version }: UnitInput): string {
  const edit = scope === "system" ? "systemctl edit" : "systemctl --user edit";
  return [
    `# The next \`lull service install\` writes this file anew. Settings of your own belong into a drop-in:`,
    `# ${edit} ${UNIT}`,
    `# ${markOf(spec)}`,
    "",
    ...section("Unit", [
      "Description=lull keeps folders in sync with git remotes",
      ...(scope === "system" ? ["Wants=network-online.target", "After=network-online.target"] : []),
      // A full disk or a broken config may last for days: it is tried as long as it takes.
      "StartLimitIntervalSec=0",
    ]),
    ...section("Service", [
      "Type=notify",
      // The helper program is another process of the unit, which `main` would not let speak.
      `NotifyAccess=${spec.notifies === "directly" ? "main" : "all"}`,
      `ExecStart=${systemdCommand(spec.command)}`,
      "ExecReload=/bin/kill -HUP $MAINPID",
      ...Object.entries(spec.environment)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, value]) => `Environment=${systemdWord(`${name}=${value}`)}`),
      ...(scope === "system" ? [`User=${spec.user}`, "WorkingDirectory=~"] : []),
      // What lull writes gets the rights that the person's own shell would give it.
      `UMask=${spec.umask.toString(8).padStart(4, "0")}`,
      "SyslogIdentifier=lull",
      ...restart(version),
      "TimeoutStartSec=120",
      // A running sync has 30 s to end.
      "TimeoutStopSec=40",
      // The daemon ends its own children; what is left after it is killed.
      "KillMode=mixed",
      "WatchdogSec=180",
      "Nice=10",
      "IOSchedulingClass=idle",
      ...UNPRIVILEGED,
      ...(scope === "system" ? privileged(spec.user) : []),
    ]),
    ...section("Install", [`WantedBy=${scope === "system" ? "multi-user.target" : "default.target"}`]),
  ]
    .join("\n")
    .trimEnd()
    .concat("\n");
}

function section(name: string, lines: readonly string[]): readonly string[] {
  return [`[${name}]`, ...lines, ""];
}

/** Older managers warn of `RestartSteps`, and there every try comes after the same time. */
const FIRST_WITH_STEPS = 254;

function restart(version: number | undefined): readonly string[] {
  return version !== undefined && version >= FIRST_WITH_STEPS
    ? ["Restart=on-failure", "RestartSec=5", "RestartSteps=8", "RestartMaxDelaySec=600"]
    : ["Restart=on-failure", "RestartSec=30"];
}

/**
 * What seccomp alone enforces, so that a person's own manager may set it as well. Everything else needs privileges
 * there: with systemd 252 ProtectClock, ProtectKernelLogs, ProtectKernelModules, PrivateDevices and
 * CapabilityBoundingSet end the service with status 218, and those that need a mount namespace (ProtectSystem,
 * ProtectControlGroups …) do nothing, or, in newer ones, hide who owns a file by a user namespace. Not
 * MemoryDenyWriteExecute: JavaScript is compiled to memory. No allow-list of system calls: the next runtime may need
 * one more.
 */
const UNPRIVILEGED = [
  "NoNewPrivileges=yes",
  "RestrictSUIDSGID=yes",
  "LockPersonality=yes",
  "RestrictRealtime=yes",
  "RestrictNamespaces=yes",
  "SystemCallArchitectures=native",
  "SystemCallFilter=~@clock @cpu-emulation @debug @module @mount @obsolete @raw-io @reboot @swap",
  "SystemCallErrorNumber=EPERM",
  // Remotes, the sockets of D-Bus and systemd, and the kernel's list of network interfaces.
  "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
];

/** Neither PrivateTmp nor ProtectHome: a source or a remote may lie in any folder that the person can write. */
function privileged(user: string): readonly string[] {
  return [
    // Root may keep /etc in a repository.
    `ProtectSystem=${user === "root" ? "yes" : "full"}`,
    "PrivateDevices=yes",
    "ProtectClock=yes",
    "ProtectControlGroups=yes",
    "ProtectHostname=yes",
    "ProtectKernelLogs=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelTunables=yes",
    ...(user === "root" ? [] : ["CapabilityBoundingSet="]),
  ];
}
