import { throwIfAborted } from "../../base/abort.ts";
import type { Clock } from "../../base/clock.ts";
import { LullError } from "../../base/errors.ts";
import { type Deadlines, RequestWatch } from "../http-deadlines.ts";
import type { ByteStream, Connection, GitService, OpenOptions } from "../transport.ts";
import { serviceCommand } from "./remote-command.ts";
import type { SshOpener } from "./ssh-channel.ts";
import { SshConversation } from "./ssh-conversation.ts";

export type SshConnectionOptions = OpenOptions & {
  /** For messages. */
  readonly remote: string;
  /** As the server knows it. */
  readonly path: string;
  /** Made when the first conversation begins. */
  readonly createOpener: () => Promise<SshOpener>;
  readonly clock: Clock;
  readonly deadlines: Deadlines;
};

/**
 * Each `advertise` begins a conversation anew. To ask for the refs once more over a channel that is open would be
 * quicker, but git reads its loose refs once in the life of a process: the list could be the old one.
 */
export class SshConnection implements Connection {
  readonly remote: string;
  readonly #options: SshConnectionOptions;
  readonly #conversations = new Map<GitService, SshConversation>();
  readonly #endings = new Set<Promise<void>>();
  #opener: Promise<SshOpener> | undefined;

  constructor(options: SshConnectionOptions) {
    this.#options = options;
    this.remote = options.remote;
  }

  async advertise(service: GitService, protocol: 0 | 2): Promise<ByteStream> {
    this.#hangUp(service);
    const { signal, clock, deadlines, onBytes, path } = this.#options;
    throwIfAborted(signal);
    const opener = await this.#open();
    const watch = new RequestWatch(signal, { clock, remote: this.remote, drip: deadlines.drip });
    const doing = `read the refs of ${this.remote}`;
    try {
      const channel = await opener.open(serviceCommand(service, path, protocol), watch);
      const conversation = new SshConversation(channel, watch, { opener, deadlines, onBytes });
      this.#conversations.set(service, conversation);
      return await conversation.greeting(doing);
    } catch (error) {
      throwIfAborted(signal);
      throw error;
    } finally {
      if (!this.#conversations.has(service)) watch.stop();
    }
  }

  async exchange(service: GitService, request: ByteStream): Promise<ByteStream> {
    throwIfAborted(this.#options.signal);
    const conversation = this.#conversations.get(service);
    if (conversation === undefined) {
      throw new LullError({
        kind: "failed",
        code: "INTERNAL",
        message: `${service} of ${this.remote} was not asked for its refs`,
      });
    }
    const isLast = service === "git-receive-pack";
    const doing = `${isLast ? "push to" : "fetch from"} ${this.remote}`;
    return conversation.exchange(request, { doing, isLast });
  }

  async close(): Promise<void> {
    for (const service of this.#conversations.keys()) this.#hangUp(service);
    await Promise.all(this.#endings);
    const opener = await this.#opener?.catch(() => undefined);
    this.#opener = undefined;
    await opener?.close();
  }

  /** Nobody waits for the end but `close`. */
  #hangUp(service: GitService): void {
    const conversation = this.#conversations.get(service);
    if (conversation === undefined) return;
    this.#conversations.delete(service);
    const ending = conversation.end().finally(() => this.#endings.delete(ending));
    this.#endings.add(ending);
  }

  async #open(): Promise<SshOpener> {
    this.#opener ??= this.#options.createOpener();
    try {
      return await this.#opener;
    } catch (error) {
      this.#opener = undefined;
      throw error;
    }
  }
}
