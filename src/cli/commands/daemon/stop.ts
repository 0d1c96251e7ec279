import { stopDaemon, type StopDaemonResult } from "../../../app/stop-daemon.ts";
import { formatDuration } from "../../../base/duration.ts";
import { defineCommand } from "../../command.ts";
import type { Session } from "../../session.ts";

export const daemonStopCommand = defineCommand({
  meta: {
    name: "daemon stop",
    details: [
      "The syncs that run may finish first, up to 30 seconds. With --force it is ended at once; nothing is lost by that, the next sync goes on from there.",
    ],
    examples: [{ command: "lull daemon stop", does: "ends it and waits until it has" }],
  },
  args: {},
  run: async (session) => {
    const result = await stop(session);
    if (session.out.json) session.out.document(result);
    else session.out.say([stoppedText(result)]);
    return "ok";
  },
});

export async function stop(session: Session): Promise<StopDaemonResult> {
  const deps = await session.deps();
  session.out.progress.show("waiting for the daemon to end");
  return stopDaemon(deps, { force: session.flags.force }, { signal: session.signal });
}

export function stoppedText(result: StopDaemonResult): string {
  switch (result.outcome) {
    case "not-running":
      return "No daemon was running.";
    case "stopped":
      return `The daemon has ended (process ${result.pid}, after ${formatDuration(result.durationMs)}).`;
    case "killed":
      return `The daemon did not end by itself and was killed (process ${result.pid}). Nothing is lost: the next sync goes on from there.`;
  }
}
