import { fromSystem, type LullError, systemCode } from "../../base/errors.ts";
import { readSmallFile } from "../../base/small-file.ts";
import type * as Ssh2 from "ssh2";

import { filteredAgent } from "./filtered-agent.ts";
import type { SshSettings } from "./ssh-settings.ts";

/**
 * Returns undefined when nobody knows it.
 * @param file the private key's absolute path
 */
export type AskPassphrase = (file: string, signal: AbortSignal) => Promise<string | undefined>;

/** Among what was tried. */
export const AGENT_KEYS = "the agent's keys";

/** Larger than any key. */
const LARGEST_KEY = 64 * 1024;

export type KeyLogin = {
  /** Offers one way after another until the server takes one. */
  readonly handler: Ssh2.AuthHandlerMiddleware;
  /** What was offered or passed over, with the reason, for the message. */
  readonly tried: readonly string[];
  /** What went wrong on this side, e.g. an interruption while a person was asked. */
  problem(): LullError | undefined;
};

/** The agent's keys first, as OpenSSH: they need no passphrase. */
export function keyLogin(
  ssh2: typeof Ssh2,
  settings: SshSettings,
  askPassphrase: (file: string) => Promise<string | undefined>,
): KeyLogin {
  const tried: string[] = [];
  const ways = waysOf(ssh2, { settings, askPassphrase, tried });
  let problem: LullError | undefined;
  // The typings leave out the one value that ends the row.
  const none = false as unknown as Ssh2.AnyAuthMethod;
  const offerNext = async (offer: Ssh2.NextAuthHandler): Promise<void> => {
    try {
      offer((await ways.next()).value ?? none);
    } catch (error) {
      problem = fromSystem(error, "get a key ready");
      offer(none);
    }
  };
  return {
    tried,
    problem: () => problem,
    handler: (_left, _partial, next) => void offerNext(next),
  };
}

type Ways = {
  readonly settings: SshSettings;
  readonly askPassphrase: (file: string) => Promise<string | undefined>;
  readonly tried: string[];
};

async function* waysOf(
  ssh2: typeof Ssh2,
  { settings, askPassphrase, tried }: Ways,
): AsyncGenerator<Ssh2.AnyAuthMethod, void, undefined> {
  const username = settings.user;
  if (settings.agent !== undefined) {
    const agent = filteredAgent(
      ssh2,
      settings.agent,
      settings.identitiesOnly ? settings.identityFiles : undefined,
    );
    tried.push(AGENT_KEYS);
    yield { type: "agent", username, agent };
  }
  for (const file of settings.identityFiles) {
    const text = keyText(file);
    if (text === undefined) continue;
    if (text instanceof Error) {
      tried.push(`${file} (${text.message})`);
      continue;
    }
    const key = await openedKey(ssh2, text, () => askPassphrase(file));
    tried.push(typeof key === "string" ? `${file} (${key})` : file);
    if (typeof key !== "string") yield { type: "publickey", username, key };
  }
}

/** @returns undefined for a file that is not there: most of the usual names are not */
function keyText(file: string): Buffer | Error | undefined {
  try {
    return readSmallFile(file, LARGEST_KEY);
  } catch (error) {
    const code = systemCode(error);
    return code === "ENOENT" || code === "ENOTDIR" ? undefined : new Error(code ?? "it can not be read");
  }
}

/** @returns why it can not be used, in words, when it can not */
async function openedKey(
  ssh2: typeof Ssh2,
  text: Buffer,
  passphrase: () => Promise<string | undefined>,
): Promise<Ssh2.ParsedKey | string> {
  const plain = parse(ssh2, text);
  if (!(plain instanceof Error)) return plain;
  if (!/passphrase|encrypted/i.test(plain.message)) return "not a key that lull's own SSH can read";
  const secret = await passphrase();
  if (secret === undefined) return "it has a passphrase that nobody has told";
  const opened = parse(ssh2, text, secret);
  return opened instanceof Error ? "the passphrase is wrong" : opened;
}

/** One file may hold several keys in theory; ssh-keygen writes one. */
function parse(ssh2: typeof Ssh2, text: Buffer, passphrase?: string): Ssh2.ParsedKey | Error {
  const [key] = [ssh2.utils.parseKey(text, passphrase)].flat();
  return key ?? new Error("no key");
}
