import { startDaemon } from "../../../app/start-daemon.ts";
import { defineCommand, type ExitKind } from "../../command.ts";
import type { Session } from "../../session.ts";
import { checkedInterval, RUN_FLAGS } from "./run-flags.ts";

export const daemonStartCommand = defineCommand({
  meta: {
    name: "daemon start",
    details: [
      "Starts it in the background, free of this terminal, and waits until it answers. It ends with the machine; `lull service install` makes the system start it each time.",
    ],
    examples: [{ command: "lull daemon start", does: "every source by its own schedule" }],
  },
  args: RUN_FLAGS,
  run: async (session, { interval }) => startInBackground(session, interval),
});

export async function startInBackground(session: Session, interval: string | undefined): Promise<ExitKind> {
  if (interval !== undefined) checkedInterval(interval);
  const deps = await session.deps();
  const { config } = session.flags;
  const words = [
    ...(interval === undefined ? [] : [`--interval=${interval}`]),
    ...(config === undefined ? [] : [`--config=${deps.config.file}`]),
  ];
  const result = await startDaemon(deps, { words }, { signal: session.signal });
  if (session.out.json) {
    session.out.document(result);
    return "ok";
  }
  session.out.say(
    result.outcome === "was-running"
      ? [`A daemon runs already (process ${result.pid}). See \`lull daemon status\`.`]
      : [
          `The daemon runs (process ${result.pid}).`,
          "See what it does with `lull logs -f`, what it waits for with `lull daemon status`.",
        ],
  );
  return "ok";
}
