import type { Context, Deps } from "./deps.ts";
import { notRunning } from "./reload-daemon.ts";
import type { StoryLevel } from "./story.ts";

/** Changes what the running daemon writes to its log, until it reads its config anew. @throws LullError `DAEMON_NOT_RUNNING` */
export async function setLogLevel(deps: Deps, level: StoryLevel, { signal }: Context): Promise<void> {
  const answer = await deps.daemon.ask({ kind: "log-level", level }, { signal });
  if (answer === undefined) throw notRunning();
}
