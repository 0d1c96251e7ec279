/** lull as the program that ssh asks for passphrases (SSH_ASKPASS): a short process that nobody sees. */
import { ASKPASS_VARIABLE } from "../base/askpass.ts";
import type { Log } from "../base/log.ts";
import { localClock } from "../platform/local-clock.ts";
import { resolvePlaces } from "../platform/paths.ts";
import { currentSystem, homeDirectory } from "../platform/system.ts";
import { keyAskedFor, keyToSignWith } from "../transport/ssh/askpass-question.ts";
import { composeSecrets, type SecretsInput } from "./secrets.ts";

export type AskpassInput = {
  /** As ssh puts it. */
  readonly question: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  readonly signal: AbortSignal;
};

/**
 * Returns undefined for every question but that for a stored passphrase: a server's password, whether to trust a server,
 * the PIN of a hardware key and the touch of it are for a person. Why a passphrase can not be had is told by the lull
 * that has started ssh; here it would end up amid ssh's own words.
 */
export async function answerAskpass(input: AskpassInput): Promise<string | undefined> {
  const { question, log, signal } = input;
  // Without the variable: the lull that is started to ask the keychain is not asked anything.
  const { [ASKPASS_VARIABLE]: keys, ...env } = input.env;
  // Set for what wants a yes, or only an eye on it.
  if (env["SSH_ASKPASS_PROMPT"] !== undefined) return undefined;
  const allowed = readAllowed(keys);
  const key = typeof allowed === "string" ? keyToSignWith(question, allowed) : keyAskedFor(question, allowed);
  if (key === undefined) return undefined;
  const system = currentSystem();
  const home = homeDirectory(env, system);
  const places = resolvePlaces({ environment: env, home, system });
  const userId = process.getuid?.();
  const { credentials } = composeSecrets({
    env,
    home,
    places,
    clock: localClock,
    log,
    config: NO_CONFIG,
    system,
    userId,
  });
  try {
    return await credentials.passphraseOf(key, { signal });
  } catch {
    return undefined;
  }
}

/** How remotes are reached is nothing to a passphrase. */
const NO_CONFIG: SecretsInput["config"] = {
  exists: () => false,
  load: () => Promise.reject(new Error("no config is read here")),
};

/** @returns the files of an `ssh`, or the one of a program that signs */
function readAllowed(text = "[]"): readonly string[] | string {
  try {
    const keys: unknown = JSON.parse(text);
    const isForSigning = typeof keys === "object" && keys !== null && "signing" in keys;
    if (isForSigning && typeof keys.signing === "string") return keys.signing;
    return Array.isArray(keys) ? keys.filter((key) => typeof key === "string") : [];
  } catch {
    return [];
  }
}
