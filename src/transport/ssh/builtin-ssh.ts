/** SSH without any program: ssh2, which is loaded with the first connection and not before. */
import type { Duplex } from "node:stream";

import type * as Ssh2 from "ssh2";

import { LullError } from "../../base/errors.ts";
import type { StartProgram } from "../../base/program.ts";
import type { RequestWatch } from "../http-deadlines.ts";
import { transportError } from "../transport-error.ts";
import type { AskPassphrase } from "./builtin-auth.ts";
import { builtinChannel } from "./builtin-channel.ts";
import { connectClient } from "./builtin-client.ts";
import type { ConfirmHost } from "./host-check.ts";
import { openProxyCommand, type ProxyWay } from "./proxy-command.ts";
import type { SshChannel, SshCommand, SshOpener } from "./ssh-channel.ts";
import type { SshSettings } from "./ssh-settings.ts";
import { type SshTarget, targetText } from "./ssh-target.ts";

export type BuiltinSshOptions = {
  readonly target: SshTarget;
  /** For messages. */
  readonly remote: string;
  /** What ssh_config says of a server, also of one on the way. */
  readonly settingsOf: (target: SshTarget) => Promise<SshSettings>;
  readonly connectMs: number;
  readonly confirmHost: ConfirmHost;
  readonly askPassphrase: AskPassphrase;
  /** Where the person has chosen an `ssh`, which does not count here; for messages. */
  readonly chosenBy: () => string | undefined;
  /** For a ProxyCommand. */
  readonly startProgram: StartProgram;
  readonly environment: Readonly<Record<string, string | undefined>>;
};

/** More servers in a row than anybody has; a circle in ssh_config would have no end. */
const MOST_JUMPS = 8;

const GOODBYE_MS = 500;

/** One connection carries all channels, as long as it lives. */
export class BuiltinSsh implements SshOpener {
  readonly #options: BuiltinSshOptions;
  /** Those that are open, in the order in which they were connected: the last one is the server itself. */
  readonly #clients = new Set<Ssh2.Client>();
  #ready: Promise<Ssh2.Client> | undefined;
  /** What `#ready` gave. */
  #client: Ssh2.Client | undefined;

  constructor(options: BuiltinSshOptions) {
    this.#options = options;
  }

  async open(command: SshCommand, watch: RequestWatch): Promise<SshChannel> {
    const isNew = this.#ready === undefined;
    const client = await this.#connected(watch);
    try {
      return await this.#openChannel(client, command);
    } catch (error) {
      if (isNew) throw this.#noChannel(error);
    }
    // A server may allow one channel only, or have ended the connection in this moment.
    this.#forget(client);
    const another = await this.#connected(watch);
    return this.#openChannel(another, command).catch((error: unknown) => {
      throw this.#noChannel(error);
    });
  }

  #openChannel(client: Ssh2.Client, command: SshCommand): Promise<SshChannel> {
    return new Promise((resolve, reject) => {
      const lost = (): void => reject(new Error("the connection was closed"));
      client.once("close", lost);
      client.exec(command.text, { env: { ...command.environment } }, (error, stream) => {
        client.off("close", lost);
        // Nobody knows whether a connection lives whose channel had to be given up.
        if (error === undefined) resolve(builtinChannel(stream, client, () => this.#forget(client)));
        else reject(error);
      });
    });
  }

  #noChannel(cause: unknown): Error {
    const message = `cannot reach ${this.#options.remote}: the server opens no channel`;
    return transportError({ code: "NETWORK", message, cause });
  }

  /** Connecting throws its own; a connection that breaks later is told by the command that has no end. */
  async failure(): Promise<undefined> {
    return undefined;
  }

  async close(): Promise<void> {
    this.#ready = undefined;
    await Promise.all([...this.#clients].reverse().map(goodbye));
  }

  #forget(client: Ssh2.Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    this.#ready = undefined;
  }

  #connected(watch: RequestWatch): Promise<Ssh2.Client> {
    this.#ready ??= this.#connect(watch);
    return this.#ready;
  }

  async #connect(watch: RequestWatch): Promise<Ssh2.Client> {
    try {
      const ssh2 = await import("ssh2");
      const client = await this.#reach(ssh2, this.#options.target, { watch, depth: 0, before: undefined });
      this.#client = client;
      client.once("close", () => this.#forget(client));
      return client;
    } catch (error) {
      this.#ready = undefined;
      throw error;
    }
  }

  /** @param before the server through which this one is reached, when the way is given already */
  async #reach(
    ssh2: typeof Ssh2,
    target: SshTarget,
    { watch, depth, before }: { watch: RequestWatch; depth: number; before: Ssh2.Client | undefined },
  ): Promise<Ssh2.Client> {
    const { remote, settingsOf, connectMs, confirmHost, askPassphrase, chosenBy } = this.#options;
    const settings = await settingsOf(target);
    let previous = before;
    if (previous === undefined) {
      if (depth + settings.jumps.length > MOST_JUMPS) throw tooManyJumps(target, remote);
      for (const jump of settings.jumps) {
        previous = await this.#reach(ssh2, jump, { watch, depth: depth + 1, before: previous });
      }
    }
    const doing = `reach ${remote}${target === this.#options.target ? "" : ` through ${targetText(target)}`}`;
    const common = { ssh2, target, settings, doing, watch, connectMs, confirmHost, askPassphrase, chosenBy };
    const way = previous === undefined ? this.#proxyWay(target, settings, doing) : undefined;
    const through = previous === undefined ? way?.socket : await forwarded(previous, settings);
    try {
      const client = await connectClient({ ...common, through });
      this.#clients.add(client);
      client.once("close", () => {
        this.#clients.delete(client);
        through?.destroy();
      });
      return client;
    } catch (error) {
      const isLost = error instanceof LullError && error.code === "NETWORK";
      const failure = isLost ? await way?.failure() : undefined;
      through?.destroy();
      throw failure ?? error;
    }
  }

  #proxyWay(target: SshTarget, settings: SshSettings, doing: string): ProxyWay | undefined {
    const { startProgram, environment } = this.#options;
    if (settings.proxyCommand === undefined) return undefined;
    if (settings.proxyHandsOver) throw handsOver(target, doing);
    const input = { settings, name: target.host, doing, startProgram, environment };
    return openProxyCommand(settings.proxyCommand, input);
  }
}

/** Says that it goes; does not wait long for the server to hear it. */
async function goodbye(client: Ssh2.Client): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  client.once("close", resolve);
  const timer = setTimeout(resolve, GOODBYE_MS);
  client.end();
  await promise;
  clearTimeout(timer);
  client.destroy();
}

function forwarded(client: Ssh2.Client, { hostName, port }: SshSettings): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    client.forwardOut("127.0.0.1", 0, hostName, port, (error, stream) => {
      if (error === undefined) resolve(stream);
      else {
        reject(
          transportError({
            code: "NETWORK",
            message: `the server in between does not reach ${targetText({ host: hostName, port, user: undefined })}`,
            causes: ["the host name means nothing there", "forwarding is switched off there"],
            cause: error,
          }),
        );
      }
    });
  });
}

function handsOver(target: SshTarget, doing: string): Error {
  return transportError({
    code: "UNSUPPORTED",
    message: `cannot ${doing}: ssh_config has ProxyUseFdpass for ${targetText(target)}, which lull's own SSH does not know`,
    hint: "install OpenSSH's client and set `transport.ssh: auto`, or use a ProxyCommand without it",
  });
}

function tooManyJumps(target: SshTarget, remote: string): Error {
  return transportError({
    code: "UNSUPPORTED",
    message: `cannot reach ${remote}: ssh_config sends ${targetText(target)} through more than ${MOST_JUMPS} servers, or in a circle`,
    hint: "mend the ProxyJump lines of ssh_config",
  });
}
