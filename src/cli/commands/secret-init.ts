import type { Deps } from "../../app/deps.ts";
import { initEncryption } from "../../app/init-encryption.ts";
import { askerOf } from "../asker.ts";
import { defineCommand } from "../command.ts";
import { lookOf } from "../look-of.ts";
import { encryptionInitLines, newKeysWarning } from "../print/encryption.ts";
import type { Session } from "../session.ts";
import { usageError } from "../usage-error.ts";

export const secretInitCommand = defineCommand({
  meta: {
    name: "secret init",
    details: [
      "Files that a source encrypts (age, age-encryption.org) can be opened by the devices that were accepted for it, each with an identity of its own, and by whoever has the recovery key. The identity goes into the system's keychain, or into a file that only you can read where there is no keychain. The recovery key is shown this once and stored nowhere: it opens everything when all devices are lost. On a second device run `lull secret recover` with it instead.",
      "Where nobody sees the output it wants --recovery-file, or --yes when the output is kept. With --json the field `recovery.secret` is the key itself.",
      "It changes nothing when there is an identity already; with --force it makes new keys after a warning.",
    ],
    examples: [
      { command: "lull secret init", does: "shows the recovery key once" },
      {
        command: "lull secret init --recovery-file /media/stick/recovery.txt",
        does: "writes it to a file that only you can read",
      },
      { command: "lull secret init --force", does: "makes new keys, when the old ones are lost or known" },
    ],
    exits: ["config"],
  },
  args: {
    "recovery-file": {
      type: "string",
      valueHint: "PATH",
      description: "Write the recovery key into this new file instead of showing it",
    },
  },
  run: async (session, given) => {
    const { out, flags, signal } = session;
    const deps = await session.deps();
    const recoveryFile = given["recovery-file"];
    const isPermitted = await permitted(session, deps, recoveryFile);
    if (!isPermitted) {
      out.say(["Nothing was changed."]);
      return "ok";
    }
    const input = { force: flags.force, recoveryFile, dryRun: flags.dryRun };
    const result = await initEncryption(deps, input, { signal });
    if (out.json) out.document(result);
    else {
      const { said, shown } = encryptionInitLines(result, lookOf(session, deps));
      out.say(said);
      out.print(shown);
    }
    return "ok";
  },
});

/** Whether keys may be made, or whether there is nothing to be asked about. */
async function permitted(session: Session, deps: Deps, recoveryFile: string | undefined): Promise<boolean> {
  const { flags, out } = session;
  if (flags.dryRun) return true;
  const current = (await deps.age()).identities.find();
  if (current !== undefined && !flags.force) return true;
  const ask = await askerOf(session);
  if (ask === undefined && !flags.yes) {
    if (recoveryFile === undefined) throw unseen();
    if (current !== undefined) throw notAsked();
  }
  if (current === undefined) return true;
  if (!flags.json) out.log(newKeysWarning(current).join("\n"));
  if (ask === undefined) return true;
  const answer = await ask.choose({
    message: "Make a new identity and a new recovery key?",
    choices: [
      { value: "no", label: "No, keep what there is" },
      { value: "yes", label: "Yes, make new ones" },
    ],
  });
  return answer === "yes";
}

function unseen() {
  return usageError(
    "RECOVERY_KEY_UNSEEN",
    "the recovery key is shown once, and nobody is at a terminal here to see it",
    "give `--recovery-file PATH`, or `--yes` when the output is kept in a safe place",
  );
}

function notAsked() {
  return usageError(
    "CONFIRMATION_MISSING",
    "`--force` makes new keys, which files that are encrypted already do not know, and nobody can be asked here",
    "read `lull secret init --help`, then add `--yes`",
  );
}
