import { reloadDaemon } from "../../../app/reload-daemon.ts";
import { defineCommand } from "../../command.ts";
import { reloadedText } from "../../print/story.ts";

export const daemonReloadCommand = defineCommand({
  meta: {
    name: "daemon reload",
    details: [
      "It does so by itself when the config file is saved. Syncs that run go on. A file with a mistake is refused: the daemon goes on with what it has.",
    ],
    examples: [{ command: "lull daemon reload", does: "tells what changed" }],
  },
  args: {},
  run: async (session) => {
    const answer = await reloadDaemon(await session.deps(), { signal: session.signal });
    for (const warning of answer.warnings) session.log.warn(warning);
    if (session.out.json) session.out.document(answer);
    else session.out.say([`The ${reloadedText(answer).slice("the ".length)}.`]);
    return "ok";
  },
});
