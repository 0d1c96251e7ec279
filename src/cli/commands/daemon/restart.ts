import { daemonStatus } from "../../../app/daemon-status.ts";
import { defineCommand } from "../../command.ts";
import { checkedInterval, RUN_FLAGS } from "./run-flags.ts";
import { startInBackground } from "./start.ts";
import { stop, stoppedText } from "./stop.ts";
import { usageError } from "../../usage-error.ts";

export const daemonRestartCommand = defineCommand({
  meta: {
    name: "daemon restart",
    details: ["As `lull daemon stop`, then `lull daemon start`. A change of the config needs no restart."],
    examples: [{ command: "lull daemon restart", does: "with a new version of lull, for example" }],
  },
  args: RUN_FLAGS,
  run: async (session, { interval }) => {
    // Before anything is stopped: what can not be started again goes on.
    if (interval !== undefined) checkedInterval(interval);
    const deps = await session.deps();
    await deps.config.load();
    const status = await daemonStatus(deps, { signal: session.signal });
    if (status.kind === "running" && status.situation.isManaged) {
      throw usageError(
        "DAEMON_MANAGED",
        "the system's service manager runs the daemon and would start it a second time",
        "run `lull service install`, which restarts it, or `systemctl --user restart lull`",
      );
    }
    const stopped = await stop(session);
    if (!session.out.json) session.out.say([stoppedText(stopped)]);
    return startInBackground(session, interval);
  },
});
