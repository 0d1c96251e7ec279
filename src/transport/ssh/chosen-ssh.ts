/** What a person has chosen in place of plain `ssh`, as git lets them: mostly to give a repository a key of its own. */
import { basename } from "node:path";

import type { LullError } from "../../base/errors.ts";
import { safeText } from "../../base/safe-text.ts";
import { transportError } from "../transport-error.ts";
import { harmfulOption } from "./harmless-options.ts";
import { shellWords } from "./shell-words.ts";
import { type AskSystemSsh, askSystemSsh } from "./ssh-config.ts";
import type { SshTarget } from "./ssh-target.ts";

export type ChosenSsh = {
  /** `command-line`: for a shell; `program`: its name or path as it is. */
  readonly kind: "command-line" | "program";
  readonly text: string;
  /** E.g. `GIT_SSH_COMMAND`, `core.sshCommand in /home/ada/.gitconfig`. */
  readonly from: string;
  /** It stands in the repository's own config. */
  readonly isOfRepository: boolean;
  /** `GIT_SSH_VARIANT` or `ssh.variant`. */
  readonly variant: string | undefined;
};

export type ChosenContext = Omit<AskSystemSsh, "command"> & {
  readonly target: SshTarget;
  readonly home: string;
  /** For messages. */
  readonly remote: string;
  readonly findProgram: (name: string) => string | undefined;
};

/**
 * Returns the program's absolute path and what always follows it.
 * @throws LullError `UNSUPPORTED` for what needs a shell, is no OpenSSH or is not there; for more than harmless options
 *   in a repository's own config
 */
export async function chosenCommand(
  chosen: ChosenSsh,
  context: ChosenContext,
): Promise<readonly [string, ...string[]]> {
  const refusal = refusalOf(chosen, context);
  const words = wordsOf(chosen, context, refusal);
  const [name = "", ...args] = words;
  if (chosen.isOfRepository) {
    const harmful = harmfulOption(words);
    if (harmful !== undefined) throw refusal.notHarmless(harmful);
  }
  const program = context.findProgram(name);
  if (program === undefined) throw refusal.missing(name);
  const command = [program, ...args] as const;
  const variant = variantOf(name, chosen);
  if (variant === "other") throw refusal.notOpenSsh(name);
  // As git does: what knows `-G` is OpenSSH, or hands its words on to it.
  if (variant === "unknown" && (await askSystemSsh(context.target, { ...context, command })) === undefined) {
    throw refusal.notOpenSsh(name);
  }
  return command;
}

type Refusal = ReturnType<typeof refusalOf>;

function wordsOf(
  { kind, text, isOfRepository }: ChosenSsh,
  { environment, home }: ChosenContext,
  refusal: Refusal,
): readonly string[] {
  if (kind === "program") return [text];
  // A variable may hold a token, and a user name is told to the server.
  const read = shellWords(text, { ...(isOfRepository ? {} : environment), HOME: home });
  if (read.kind === "needs-shell") throw refusal.needsShell(read.what);
  if (/^[A-Za-z_]\w*=/.test(read.words[0] ?? "")) {
    throw refusal.needsShell("a variable that is set before the command");
  }
  return read.words;
}

/** As determine_ssh_variant in git's connect.c has it. */
function variantOf(name: string, { variant }: ChosenSsh): "openssh" | "other" | "unknown" {
  const given = variant?.toLowerCase() ?? "auto";
  if (["plink", "putty", "tortoiseplink", "simple"].includes(given)) return "other";
  if (given !== "auto") return "openssh";
  const program = basename(name.replaceAll("\\", "/"))
    .toLowerCase()
    .replace(/\.exe$/, "");
  if (program === "ssh") return "openssh";
  return program === "plink" || program === "tortoiseplink" ? "other" : "unknown";
}

/** None of them shows the whole command: a secret may stand in it. */
function refusalOf({ from }: ChosenSsh, { remote }: ChosenContext) {
  const failed = (what: string, causes: readonly string[], hint: string): LullError =>
    transportError({
      code: "UNSUPPORTED",
      message: `cannot reach ${remote}: ${from} ${what}`,
      causes,
      hint,
    });
  return {
    needsShell: (what: string) =>
      failed(
        `needs a shell: ${what}`,
        ["lull starts ssh itself, without a shell in between"],
        "put it into a script and name that, or say the same in ~/.ssh/config",
      ),
    missing: (name: string) =>
      failed(
        `names the program "${safeText(name)}", which can not be started`,
        [
          "it is not on the PATH of this process; a service has another PATH than a terminal",
          "its path is relative",
        ],
        "write its absolute path, or set `transport.ssh: builtin` to let lull speak SSH itself, by ~/.ssh/config",
      ),
    notOpenSsh: (name: string) =>
      failed(
        `names "${safeText(name)}", which does not understand OpenSSH's options`,
        ["it is PuTTY's plink, or a script that does not hand its words on to ssh"],
        "name OpenSSH's `ssh`; if it is one after all, set GIT_SSH_VARIANT=ssh (or `git config --global ssh.variant ssh`)",
      ),
    notHarmless: (what: string) =>
      failed(
        `has ${what}, which lull does not take from a repository's own config`,
        ["whoever can write into the folder could start programs with it, or lead lull to another server"],
        "set it in your own config (`git config --global core.sshCommand …`, for some folders by `includeIf`), or say it in ~/.ssh/config",
      ),
  };
}
