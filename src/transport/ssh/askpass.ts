/**
 * Stored passphrases for the person's own `ssh`. It gets them by its own way for that, SSH_ASKPASS: a program that is
 * started with the question and prints the answer. The program is lull; so no secret stands in a command line or an
 * environment.
 */
import { throwIfAborted } from "../../base/abort.ts";
import { LullError, messageOf } from "../../base/errors.ts";
import { readPrivateKey } from "./private-key.ts";
import type { SshSettings } from "./ssh-settings.ts";
import type { SshTarget } from "./ssh-target.ts";

export type StoredPassphrases = {
  /** The absolute paths of the keys whose passphrase is stored; no keychain is asked. */
  keys(): readonly string[];
  /** @throws LullError `KEYCHAIN_LOCKED` (kind `auth`) */
  get(keyFile: string, signal: AbortSignal): Promise<string | undefined>;
  /** What lets a program ask lull for these passphrases and no others. */
  environment(keys: readonly string[]): Readonly<Record<string, string>>;
};

/** How `ssh` is told whom it may ask. */
export type Asking = {
  readonly options: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** The keys whose passphrases it may ask for. */
  readonly keys: readonly string[];
};

/** Nobody is there to answer a question; whoever asks for a passphrase would hang. */
export const ASK_NOBODY: Asking = { options: ["-oBatchMode=yes"], environment: {}, keys: [] };

const ASK_LULL = [
  "-oBatchMode=no",
  // A server must not get to ask anything.
  "-oPasswordAuthentication=no",
  "-oKbdInteractiveAuthentication=no",
  // The same answer would come again.
  "-oNumberOfPasswordPrompts=1",
  // The display below is none.
  "-x",
];

/** OpenSSH before 8.4 does not know SSH_ASKPASS_REQUIRE, and asks only where it believes that there is a display. */
const NO_DISPLAY = "lull:0";

export type AskingInput = {
  readonly target: SshTarget;
  readonly passphrases?: StoredPassphrases | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What ssh says that it does to reach a server; undefined when it can not tell. */
  readonly settingsOf: (target: SshTarget) => Promise<SshSettings | undefined>;
};

/** Only for keys that are in use here, or on a server in between, is anything different from `ASK_NOBODY`. */
export async function askingFor(input: AskingInput): Promise<Asking> {
  const { target, passphrases, environment, settingsOf } = input;
  const stored = passphrases?.keys() ?? [];
  if (passphrases === undefined || stored.length === 0) return ASK_NOBODY;
  const settings = await settingsOf(target);
  const between = await Promise.all((settings?.jumps ?? []).map(settingsOf));
  const used = new Set([settings, ...between].flatMap((each) => each?.identityFiles ?? []));
  const keys = stored.filter((key) => used.has(key));
  if (keys.length === 0) return ASK_NOBODY;
  return {
    options: ASK_LULL,
    environment: {
      DISPLAY: environment["DISPLAY"] ?? NO_DISPLAY,
      SSH_ASKPASS_REQUIRE: "force",
      ...passphrases.environment(keys),
    },
    keys,
  };
}

/** Why stored passphrases did not open their keys, in words; ssh itself does not tell. */
export async function passphraseProblems(
  keys: readonly string[],
  passphrases: Pick<StoredPassphrases, "get">,
  signal: AbortSignal,
): Promise<readonly PassphraseProblem[]> {
  const found = await Promise.all(
    keys.map(async (key) => {
      return (await problemOf(key, passphrases, signal)) ?? [];
    }),
  );
  return found.flat();
}

export type PassphraseProblem = { readonly why: string; readonly hint: string };

async function problemOf(
  key: string,
  passphrases: Pick<StoredPassphrases, "get">,
  signal: AbortSignal,
): Promise<PassphraseProblem | undefined> {
  const hint = `store the passphrase again: \`lull secret set ssh-key:${key}\``;
  try {
    const passphrase = await passphrases.get(key, signal);
    const ssh2 = await import("ssh2");
    const opened = await readPrivateKey(ssh2, key, async () => passphrase);
    const isWrong = opened.kind === "locked" && opened.isWrong;
    return isWrong ? { why: `the stored passphrase of ${key} is wrong`, hint } : undefined;
  } catch (error) {
    throwIfAborted(signal);
    const why = `the stored passphrase of ${key} can not be had: ${messageOf(error)}`;
    return { why, hint: (error instanceof LullError ? error.hint : undefined) ?? hint };
  }
}
