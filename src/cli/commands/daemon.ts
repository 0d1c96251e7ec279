import { missingCommand } from "../positionals.ts";
import { defineGroup } from "../command.ts";
import type { Session } from "../session.ts";
import { RUN_FLAGS } from "./daemon/run-flags.ts";

export const daemonCommand = defineGroup({
  meta: {
    name: "daemon",
    details: [
      "The daemon waits for schedules and file changes and syncs each source when it is a good moment. `lull daemon run` shows in the terminal what it does and why it waits; `lull daemon start` does the same in the background.",
      "To have the system start it at log-on, use `lull service install`.",
    ],
    examples: [
      { command: "lull daemon run", does: "in this terminal, with its story; Ctrl-C ends it" },
      { command: "lull daemon start", does: "in the background" },
      {
        command: "lull daemon --foreground --interval 15m",
        does: "in this terminal, every source each 15 minutes",
      },
    ],
    exits: ["locked"],
  },
  own: {
    args: {
      foreground: { type: "boolean", description: "The same as `lull daemon run`" },
      ...RUN_FLAGS,
    },
    run: async ({ args, data }) => {
      if (args["foreground"] !== true) throw missingCommand(["daemon"], daemonCommand);
      const interval = args["interval"];
      const { runInForeground } = await import("./daemon/run.ts");
      return runInForeground(data as Session, {
        interval: typeof interval === "string" ? interval : undefined,
      });
    },
  },
  commands: {
    run: {
      summary: "Run the daemon in this terminal and tell what it does",
      load: async () => (await import("./daemon/run.ts")).daemonRunCommand,
    },
    start: {
      summary: "Start the daemon in the background",
      load: async () => (await import("./daemon/start.ts")).daemonStartCommand,
    },
    stop: {
      summary: "End the daemon when what it syncs is done",
      load: async () => (await import("./daemon/stop.ts")).daemonStopCommand,
    },
    restart: {
      summary: "End the daemon and start it anew",
      load: async () => (await import("./daemon/restart.ts")).daemonRestartCommand,
    },
    status: {
      summary: "Show whether it runs, what it does and what it waits for",
      load: async () => (await import("./daemon/status.ts")).daemonStatusCommand,
    },
    reload: {
      summary: "Have the daemon read the config anew",
      load: async () => (await import("./daemon/reload.ts")).daemonReloadCommand,
    },
    worker: {
      summary: "Sync what the daemon says",
      hidden: true,
      load: async () => (await import("./daemon/worker.ts")).workerCommand,
    },
  },
});
