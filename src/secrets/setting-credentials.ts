/** The credential that a source's own setting names: a variable, a file, or a program that prints it. */
import { LullError } from "../base/errors.ts";
import type { RunProgram } from "../base/program.ts";
import { redact, registerSecret } from "../base/redact.ts";
import { safeText } from "../base/safe-text.ts";
import type { CredentialSetting, FoundCredential } from "./credentials.ts";
import { parseCredential } from "../base/parse-credential.ts";

export type SettingAccess = {
  readonly runProgram: RunProgram;
  /** As `platform/secret-file.ts` has it: refuses what others can read. */
  readonly readSecretFile: (path: string, what: string) => string;
};

type Environment = Readonly<Record<string, string | undefined>>;

/** A password manager may have to be unlocked by a person, but nobody may sit there: a sync does not wait for ever. */
const COMMAND_DEADLINE_MS = 30_000;

/** @throws LullError `CREDENTIAL_MISSING`, `CREDENTIAL_COMMAND_FAILED` (kind `auth`), or as `readSecretFile` does */
export async function settingCredential(
  setting: CredentialSetting,
  access: SettingAccess & { readonly env: Environment },
  signal: AbortSignal,
): Promise<FoundCredential> {
  const { text, from } = await settingText(setting, access, signal);
  const credential = parseCredential(text);
  if (credential === undefined)
    throw missing(`${from} holds no credential: it is empty or has several lines`);
  return { credential, place: "setting", from };
}

async function settingText(
  setting: CredentialSetting,
  access: SettingAccess & { readonly env: Environment },
  signal: AbortSignal,
): Promise<{ readonly text: string; readonly from: string }> {
  switch (setting.kind) {
    case "env": {
      const text = access.env[setting.name];
      const from = `the environment variable ${setting.name} (\`credential.env\`)`;
      if (text === undefined) throw missing(`${from} is not set`);
      return { text, from };
    }
    case "file":
      return {
        text: access.readSecretFile(setting.path, "the credential of a remote"),
        from: `the file ${setting.path} (\`credential.file\`)`,
      };
    case "command":
      return {
        text: await commandOutput(setting.command, access, signal),
        from: `the program ${setting.command[0] ?? ""} (\`credential.command\`)`,
      };
  }
}

async function commandOutput(
  command: readonly string[],
  { runProgram, env }: SettingAccess & { readonly env: Environment },
  signal: AbortSignal,
): Promise<string> {
  const [program = "", ...args] = command;
  const result = await runProgram([program, ...args], { deadlineMs: COMMAND_DEADLINE_MS, signal, env });
  if (result.kind === "missing") throw failed(program, "there is no such program, or it can not be run");
  if (result.kind === "timeout") {
    throw failed(program, `it did not end within ${COMMAND_DEADLINE_MS / 1000} s; it may wait for a person`);
  }
  // What it printed may be a secret in spite of its exit code.
  registerSecret(result.stdout.trim());
  if (result.code === 0) return result.stdout;
  const said = safeText(redact(result.stderr.trim()).split("\n")[0]?.slice(0, 200) ?? "");
  throw failed(program, `it ended with ${result.code}${said === "" ? "" : `: ${said}`}`);
}

function failed(program: string, why: string): LullError {
  return new LullError({
    kind: "auth",
    code: "CREDENTIAL_COMMAND_FAILED",
    message: `\`credential.command\` ${safeText(program)} gave no credential: ${why}`,
    causes: ["the password manager is locked", "the daemon's environment lacks what the command needs"],
    hint: "run the command by hand; `lull auth status` tells whether lull can use it",
  });
}

function missing(message: string): LullError {
  return new LullError({
    kind: "auth",
    code: "CREDENTIAL_MISSING",
    message,
    causes: ["the daemon does not have the variables of your shell"],
    hint: "set it where lull runs, or store a credential with `lull auth login`",
  });
}
