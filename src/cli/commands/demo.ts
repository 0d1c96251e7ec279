import { runDemo, type DemoLine } from "../../app/run-demo.ts";
import { defineCommand } from "../command.ts";
import { demoFiles, withDemoFolder } from "../demo-folder.ts";
import { demoLine, demoNext } from "../print/demo.ts";
import type { Session } from "../session.ts";

export const demoCommand = defineCommand({
  meta: {
    name: "demo",
    details: [
      "Two devices sync a folder of notes through a remote that lull makes, edit both sides, meet a conflict and resolve it. It is the real engine in a temporary folder, which is removed afterwards; nothing of yours is touched and no network is used.",
    ],
    examples: [{ command: "lull demo", does: "takes a second or two" }],
  },
  args: {},
  run: async (session) => {
    const { out, signal } = session;
    const lines: DemoLine[] = [];
    const tell = (line: DemoLine): void => {
      lines.push(line);
      out.say([demoLine(line, out.style)]);
    };
    const result = await withDemoFolder(async (directory) => {
      const devices = {
        laptop: await device(session, directory, "laptop"),
        desktop: await device(session, directory, "desktop"),
      };
      return runDemo({ directory, files: demoFiles, device: (name) => devices[name], tell }, { signal });
    });
    if (out.json) out.document({ ...result, lines });
    else out.say(demoNext(out.style));
    return "ok";
  },
});

/** A lull with a home of its own. No variable of the person's reaches it, but those that find programs and folders. */
async function device(session: Session, directory: string, name: "laptop" | "desktop") {
  const home = `${directory}/${name}`;
  const kept = ["PATH", "TMPDIR", "TEMP", "TMP", "SystemRoot", "LANG", "LC_ALL", "TZ"];
  const env = Object.fromEntries(kept.map((variable) => [variable, session.io.env[variable]]));
  return session.compose({
    env: { ...env, HOME: home, USERPROFILE: home, LULL_HOME: `${home}/.lull`, LULL_DEVICE: name },
    configFile: undefined,
  });
}
