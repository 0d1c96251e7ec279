import { recoverEncryption } from "../../app/recover-encryption.ts";
import { absolutePath } from "../../app/user-path.ts";
import { defineCommand } from "../command.ts";
import { lookOf } from "../look-of.ts";
import { recoveredLines } from "../print/encryption.ts";
import { readSecret } from "../read-secret.ts";

export const secretRecoverCommand = defineCommand({
  meta: {
    name: "secret recover",
    takesSecret: true,
    details: [
      "For a new device: it keeps the recovery key, with which it can read what was not yet encrypted for it, and makes an identity of its own that other devices can accept. The key is typed without showing, or read from stdin or a file; never from the command line, which others can see.",
      "`lull secret rm age:KEY` forgets the recovery key again, once all is encrypted for this device.",
    ],
    examples: [
      { command: "lull secret recover", does: "asks for the recovery key" },
      {
        command: "lull secret recover --recovery-file /media/stick/recovery.txt",
        does: "takes what `lull secret init` has written",
      },
      { command: "pass show lull | lull secret recover", does: "takes it from a program" },
    ],
    exits: ["config"],
  },
  args: {
    "recovery-file": {
      type: "string",
      valueHint: "PATH",
      description: "Read the recovery key from this file, which only you may read",
    },
  },
  run: async (session, given) => {
    const { out, flags, signal } = session;
    const deps = await session.deps();
    const file = given["recovery-file"];
    const text =
      file === undefined
        ? await readSecret(session, "Recovery key (AGE-SECRET-KEY-1…)")
        : deps.secretFiles.read(absolutePath(file, deps), "the recovery key");
    const result = await recoverEncryption(deps, { text, dryRun: flags.dryRun }, { signal });
    if (out.json) out.document(result);
    else out.say(recoveredLines(result, lookOf(session, deps)));
    return "ok";
  },
});
