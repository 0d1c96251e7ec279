import { defineGroup } from "../command.ts";

export const serviceCommand = defineGroup({
  meta: {
    name: "service",
    details: [
      "The system's own manager starts the daemon when you log in, and again after a crash: systemd on Linux, launchd on macOS, the Task Scheduler on Windows. Needs no rights; with --system (Linux and macOS, as root) it runs from boot on.",
    ],
    examples: [
      { command: "lull service install", does: "from the next log-on on, and now" },
      { command: "lull service status", does: "installed, enabled, running, and what to do" },
    ],
  },
  commands: {
    install: {
      summary: "Have the system start the daemon, now and at each log-on",
      load: async () => (await import("./service-install.ts")).serviceInstallCommand,
    },
    uninstall: {
      summary: "Stop the daemon and take the service out",
      load: async () => (await import("./service-uninstall.ts")).serviceUninstallCommand,
    },
    status: {
      summary: "Show whether the service is installed, enabled and running",
      load: async () => (await import("./service-status.ts")).serviceStatusCommand,
    },
  },
});
