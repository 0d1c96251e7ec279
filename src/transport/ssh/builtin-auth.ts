import { fromSystem, type LullError } from "../../base/errors.ts";
import type * as Ssh2 from "ssh2";

import { filteredAgent } from "./filtered-agent.ts";
import { type PrivateKey, readPrivateKey } from "./private-key.ts";
import type { SshSettings } from "./ssh-settings.ts";

/**
 * Returns undefined when nobody knows it.
 * @param file the private key's absolute path
 */
export type AskPassphrase = (file: string, signal: AbortSignal) => Promise<string | undefined>;

/** Among what was tried. */
export const AGENT_KEYS = "the agent's keys";

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
    const read = await readPrivateKey(ssh2, file, () => askPassphrase(file));
    if (read.kind === "missing") continue;
    tried.push(read.kind === "open" ? file : `${file} (${whyPassedOver(read)})`);
    if (read.kind === "open") yield { type: "publickey", username, key: read.key };
  }
}

function whyPassedOver(key: Exclude<PrivateKey, { kind: "open" | "missing" }>): string {
  if (key.kind === "unusable") return key.why;
  return key.isWrong ? "the passphrase is wrong" : "it has a passphrase that nobody has told";
}
