import { existsSync } from "node:fs";
import type { Duplex } from "node:stream";

import type * as Ssh2 from "ssh2";

import { throwIfAborted } from "../../base/abort.ts";
import { fromSystem, type LullError, systemCode } from "../../base/errors.ts";
import { safeText } from "../../base/safe-text.ts";
import { REFUSED_CAUSES, UNKNOWN_NAME_CAUSES } from "../connect-causes.ts";
import type { RequestWatch } from "../http-deadlines.ts";
import { transportError } from "../transport-error.ts";
import { AGENT_KEYS, type AskPassphrase, keyLogin } from "./builtin-auth.ts";
import { type ConfirmHost, hostCheck } from "./host-check.ts";
import type { SshSettings } from "./ssh-settings.ts";
import { type SshTarget, targetText } from "./ssh-target.ts";

export type ConnectInput = {
  readonly ssh2: typeof Ssh2;
  readonly target: SshTarget;
  readonly settings: SshSettings;
  /** A way through another server; left out: a connection of its own. */
  readonly through?: Duplex | undefined;
  /** For messages, e.g. `reach ssh://host/notes`. */
  readonly doing: string;
  readonly watch: RequestWatch;
  readonly connectMs: number;
  readonly confirmHost: ConfirmHost;
  readonly askPassphrase: AskPassphrase;
  /** Where the person has chosen an `ssh`, which does not count here; for messages. */
  readonly chosenBy: () => string | undefined;
};

/** So that neither a router nor the server forgets a connection that rests while a pack is made. */
const KEEPALIVE_MS = 15_000;
const MOST_UNANSWERED = 4;

/** Returns a client that the server has let in. */
export async function connectClient(input: ConnectInput): Promise<Ssh2.Client> {
  const { ssh2, settings, watch } = input;
  throwIfAborted(watch.signal);
  const client = new ssh2.Client();
  const attempt = new Attempt(input);
  // Without a listener an error after the handshake would end the process.
  client.on("error", () => {});
  const giveUp = (): void => void client.destroy();
  watch.signal.addEventListener("abort", giveUp, { once: true });
  attempt.arm();
  try {
    await new Promise<void>((resolve, reject) => {
      client.on("ready", resolve);
      client.on("error", (error: Ssh2Error) => {
        if (error.level !== "agent") reject(attempt.failure(error));
        else attempt.noteDeadAgent();
      });
      client.on("close", () => reject(attempt.failure(new Error("the connection was closed"))));
      client.connect({
        host: settings.hostName,
        port: settings.port,
        username: settings.user,
        ...(input.through === undefined ? {} : { sock: input.through }),
        // The limit is that of the whole attempt, which rests while a person thinks.
        readyTimeout: 0,
        keepaliveInterval: KEEPALIVE_MS,
        keepaliveCountMax: MOST_UNANSWERED,
        algorithms: { serverHostKey: attempt.hostKeyAlgorithms },
        hostVerifier: (key: Buffer, decide: (isGood: boolean) => void) => void attempt.verify(key, decide),
        authHandler: attempt.login.handler,
      });
    });
    return client;
  } catch (error) {
    client.destroy();
    throwIfAborted(watch.signal);
    throw error;
  } finally {
    watch.signal.removeEventListener("abort", giveUp);
    watch.pause();
  }
}

type Ssh2Error = Error & { readonly level?: string };

class Attempt {
  readonly login: ReturnType<typeof keyLogin>;
  readonly #input: ConnectInput;
  readonly #host: ReturnType<typeof hostCheck>;
  readonly #shown: string;
  #refusal: LullError | undefined;
  #isAgentDead = false;

  constructor(input: ConnectInput) {
    this.#input = input;
    const { ssh2, settings, doing } = input;
    this.#shown = targetText({ host: settings.hostName, port: settings.port, user: settings.user });
    this.#host = hostCheck({
      settings,
      doing,
      confirm: (host) => this.#whileAsking(() => input.confirmHost(host)),
    });
    this.login = keyLogin(ssh2, settings, (file) =>
      this.#whileAsking(() => input.askPassphrase(file, input.watch.signal)),
    );
  }

  get hostKeyAlgorithms(): ReturnType<typeof hostCheck>["algorithms"] {
    return this.#host.algorithms;
  }

  arm(): void {
    this.#input.watch.arm(this.#input.connectMs, "connecting");
  }

  noteDeadAgent(): void {
    this.#isAgentDead = true;
  }

  /** Only exactly `false` denies. */
  async verify(key: Uint8Array, decide: (isGood: boolean) => void): Promise<void> {
    try {
      await this.#host.check(key);
      decide(true);
    } catch (error) {
      this.#refusal = fromSystem(error, "look at the server's key");
      decide(false);
    }
  }

  failure(error: Ssh2Error): LullError {
    const own = this.#refusal ?? this.login.problem();
    if (own !== undefined) return own;
    const { doing, settings } = this.#input;
    const host = settings.hostName;
    const data = { host };
    const code = systemCode(error) ?? "";
    const failed = (
      what: string,
      kind: "NETWORK" | "TIMEOUT" | "UNSUPPORTED",
      causes?: readonly string[],
    ): LullError =>
      transportError({
        code: kind,
        message: `cannot ${doing}: ${what}`,
        ...(causes && { causes }),
        data,
        cause: error,
      });
    const isTooMany = /too many authentication failures/i.test(error.message);
    if (isTooMany || error.level === "client-authentication") return this.#authFailure(isTooMany);
    if (error.level === "client-timeout") return failed(`${this.#shown} does not answer`, "TIMEOUT");
    if (/no matching/i.test(error.message)) {
      return failed(`lull's own SSH and ${this.#shown} have no algorithm in common`, "UNSUPPORTED");
    }
    if (code === "ENOTFOUND" || code === "EAI_AGAIN" || error.level === "client-dns") {
      return failed(`the host name ${host} is unknown`, "NETWORK", UNKNOWN_NAME_CAUSES);
    }
    if (code === "ECONNREFUSED")
      return failed(`nothing listens at ${this.#shown}`, "NETWORK", REFUSED_CAUSES);
    if (code === "ETIMEDOUT") return failed(`${this.#shown} does not answer`, "TIMEOUT");
    return failed(`${this.#shown} can not be reached: ${safeText(error.message)}`, "NETWORK");
  }

  #authFailure(isTooMany: boolean): LullError {
    const { doing, target, settings } = this.#input;
    const tried = this.login.tried.filter((one) => !(this.#isAgentDead && one === AGENT_KEYS));
    const agent = this.#isAgentDead ? " (the agent of SSH_AUTH_SOCK does not answer)" : "";
    const list = tried.length === 0 ? "there is no key to offer" : `tried ${tried.join(", ")}`;
    const chosenBy = this.#input.chosenBy();
    const beyond = beyondOwnSsh(settings, tried.includes(AGENT_KEYS));
    return transportError({
      code: "AUTH",
      message: `cannot ${doing}: ${this.#shown} accepts none of the keys: ${list}${agent}`,
      causes: [
        ...(chosenBy === undefined
          ? []
          : [`${chosenBy} chooses a key, which counts for the system's ssh only (transport.ssh: system)`]),
        ...beyond,
        ...(isTooMany
          ? [
              "the agent holds many keys and the server heard only the first; set IdentityFile and IdentitiesOnly",
            ]
          : []),
        "the public key was not added to the account on the server",
        "the key has a passphrase that lull does not know (`lull secret set ssh-key:<file>`), and no agent holds it",
        "the user name in the address is wrong (mostly it is `git`)",
      ],
      hint: "add the public key (`~/.ssh/id_ed25519.pub`) on the server's web page; a key is made by `ssh-keygen -t ed25519`",
      data: { host: target.host },
    });
  }

  async #whileAsking<T>(ask: () => Promise<T>): Promise<T> {
    this.#input.watch.pause();
    try {
      return await ask();
    } finally {
      this.arm();
    }
  }
}

/** What the server may wait for and lull's own SSH has no means to send. */
function beyondOwnSsh(
  { identityFiles, certificateFiles, unread }: SshSettings,
  hasAskedAgent: boolean,
): readonly string[] {
  const beside = identityFiles.map((file) => `${file}-cert.pub`);
  const [certificate] = [...certificateFiles, ...beside].filter((file) => existsSync(file));
  const found: string[] = [];
  if (certificate !== undefined) {
    found.push(
      `the server wants the certificate ${certificate}, which only the system's ssh sends (transport.ssh: system)`,
    );
  } else if (hasAskedAgent) {
    found.push(
      "the agent's key is a certificate or on a hardware token, which is for the system's ssh (transport.ssh: system)",
    );
  }
  const [block] = unread;
  if (block !== undefined) {
    found.push(
      `the key or the user stands in a Match block (${block}), which only OpenSSH's client can read`,
    );
  }
  return found;
}
