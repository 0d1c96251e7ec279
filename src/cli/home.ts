import type { ExitKind } from "./command.ts";
import type { Session } from "./session.ts";

/** `lull` alone: greets a newcomer, shows everybody else how things stand. */
export async function runHome(session: Session): Promise<ExitKind> {
  const deps = await session.deps();
  if (deps.config.exists()) {
    const { showStatus } = await import("./commands/status.ts");
    return showStatus(session, []);
  }
  const { out } = session;
  if (out.json) {
    out.document({ configured: false, configFile: deps.config.file, next: "lull init" });
    return "ok";
  }
  out.print([
    `${out.style.bold("lull")} keeps folders in sync with git remotes, in quiet moments of your machine.`,
    "Nothing is set up yet.",
    "",
    `  ${out.style.bold("lull init")}   choose your first folder; your files stay as they are`,
    `  ${out.style.bold("lull demo")}   watch two simulated devices sync, in a temporary folder`,
    `  ${out.style.bold("lull help")}   see all commands`,
  ]);
  return "ok";
}
