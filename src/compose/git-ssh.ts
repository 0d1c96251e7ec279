/** Which `ssh` the person has chosen for git. */
import { join } from "node:path";

import { findRepository } from "../git/refs/find-repository.ts";
import { loadConfig } from "../git/repository-config/load-config.ts";
import type { ChosenSsh } from "../transport/ssh/chosen-ssh.ts";

/**
 * Git's own order: GIT_SSH_COMMAND, core.sshCommand, GIT_SSH. An empty one counts as none.
 * @param directory of the repository whose remote it is, or where it is to be; undefined: what is said for all counts
 */
export function chosenSsh(
  environment: Readonly<Record<string, string | undefined>>,
  directory: string | undefined,
): ChosenSsh | undefined {
  const config = loadConfig({ gitDirectory: gitDirectoryOf(directory), environment });
  const entry = config.entries.findLast(
    ({ section, subsection, name }) =>
      section === "core" && subsection === undefined && name === "sshcommand",
  );
  const found = [
    { kind: "command-line", text: environment["GIT_SSH_COMMAND"], from: "GIT_SSH_COMMAND" },
    { kind: "command-line", text: entry?.value, from: `core.sshCommand in ${entry?.file ?? ""}` },
    { kind: "program", text: environment["GIT_SSH"], from: "GIT_SSH" },
  ] as const;
  for (const { kind, text, from } of found) {
    if (text === undefined || text.trim() === "") continue;
    return {
      kind,
      text,
      from,
      isOfRepository: from.startsWith("core.") && entry?.scope === "local",
      variant: environment["GIT_SSH_VARIANT"] ?? config.get("ssh.variant"),
    };
  }
  return undefined;
}

/** Of a folder without a repository the one that is about to be made there: a condition of the person's may name it. */
function gitDirectoryOf(directory: string | undefined): string | undefined {
  if (directory === undefined) return undefined;
  const found = findRepository(directory);
  return "gitDirectory" in found ? found.gitDirectory : join(directory, ".git");
}
