import { throwIfAborted } from "../../base/abort.ts";
import type { Deadlines, RequestWatch } from "../http-deadlines.ts";
import type { ByteStream } from "../transport.ts";
import { PacketFollower } from "./packet-follower.ts";
import { commandFailure } from "./remote-command.ts";
import type { SshChannel, SshOpener } from "./ssh-channel.ts";

/** What all conversations of one connection share. */
export type ConversationContext = {
  readonly opener: SshOpener;
  readonly deadlines: Deadlines;
  readonly onBytes: ((direction: "up" | "down", bytes: number) => void) | undefined;
};

/** How long a server may take to hang up when all is said. */
const GOODBYE_MS = 5000;

const FLUSH = Buffer.from("0000");

/** One command on the server. Its stream does not end with an answer: the next request goes over the same channel. */
export class SshConversation {
  readonly #channel: SshChannel;
  readonly #context: ConversationContext;
  readonly #watch: RequestWatch;
  readonly #follower = new PacketFollower();
  /** The answer to what was said last has begun; before, the limits are those of the sending. */
  #hasBegun = true;
  #isReading = false;
  #hasRead = false;
  /** What whoever makes the request threw. */
  #sourceError: unknown;

  /** @param watch is stopped when the conversation ends */
  constructor(channel: SshChannel, watch: RequestWatch, context: ConversationContext) {
    this.#channel = channel;
    this.#watch = watch;
    this.#context = context;
    const kill = (): void => channel.kill();
    if (watch.signal.aborted) kill();
    else watch.signal.addEventListener("abort", kill, { once: true });
  }

  /** What the server says first. Reads to the flush; whoever stops earlier ends the conversation. */
  async greeting(doing: string): Promise<ByteStream> {
    this.#watch.arm(this.#context.deadlines.firstByte, "waiting for the server's first byte");
    this.#hasBegun = false;
    return this.#answer(doing, await this.#next(doing));
  }

  /**
   * Resolves when the answer begins; the request is sent beside it, so that neither side waits for the other.
   * @param isLast the command must end well behind this answer
   */
  async exchange(
    request: ByteStream,
    { doing, isLast }: { readonly doing: string; readonly isLast: boolean },
  ): Promise<ByteStream> {
    this.#hasBegun = false;
    const sending = this.#send(request, isLast);
    return this.#answer(doing, await this.#next(doing), isLast ? sending : undefined);
  }

  /** Hangs up: cleanly when the other side waits for a request, else at once. Never throws. */
  async end(): Promise<void> {
    if (!this.#hasBegun || !this.#follower.isAtFlush) this.#channel.kill();
    // A flush where a request might begin is git's goodbye; a command that has ended already takes it no more.
    else await this.#channel.write(FLUSH).catch(() => {});
    this.#channel.end();
    await this.#farewell();
    this.#watch.stop();
  }

  async *#answer(
    doing: string,
    first: Uint8Array,
    sending?: Promise<void>,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield first;
      while (!this.#follower.isAtFlush) yield await this.#next(doing);
    } finally {
      // Who reads git's protocol returns at the flush that ends it.
      if (!this.#follower.isAtFlush) this.#channel.kill();
      else if (sending !== undefined) await this.#requireGoodEnd(doing, sending);
    }
  }

  /** @throws LullError also at the end of the output, which must not come before the protocol's own */
  async #next(doing: string): Promise<Uint8Array> {
    this.#isReading = true;
    if (this.#hasBegun) this.#armForRest();
    const next = await this.#channel.output.next().catch(() => undefined);
    this.#watch.pause();
    this.#isReading = false;
    if (this.#watch.signal.aborted || next === undefined || next.done === true) {
      throw await this.#failure(doing);
    }
    this.#hasBegun = true;
    this.#hasRead = true;
    this.#context.onBytes?.("down", next.value.length);
    this.#watch.moved(next.value.length);
    this.#follower.feed(next.value);
    return next.value;
  }

  /** Never rejects: whatever is wrong is told to who reads the answer. */
  async #send(request: ByteStream, isLast: boolean): Promise<void> {
    const { deadlines, onBytes } = this.#context;
    try {
      for await (const piece of request) {
        if (!this.#hasBegun) this.#watch.arm(deadlines.idle, "sending");
        const isTaken = await this.#channel.write(piece).then(
          () => true,
          () => false,
        );
        // The command reads no more: its answer, or its end, says why.
        if (!isTaken) break;
        if (!this.#hasBegun) this.#watch.pause();
        else if (this.#isReading) this.#armForRest();
        onBytes?.("up", piece.length);
        this.#watch.moved(piece.length);
      }
      if (isLast) this.#channel.end();
      if (!this.#hasBegun) this.#watch.arm(deadlines.answer, "waiting for the server's answer");
    } catch (error) {
      this.#sourceError = error;
      this.#channel.kill();
    }
  }

  #armForRest(): void {
    this.#watch.arm(this.#context.deadlines.idle, "waiting for the rest of the answer");
  }

  /** Why there is no more to read. */
  async #failure(doing: string): Promise<unknown> {
    const end = await this.#farewell();
    throwIfAborted(this.#watch.signal);
    if (this.#sourceError !== undefined) return this.#sourceError;
    const phase = this.#hasRead ? "answer" : "connect";
    return (await this.#context.opener.failure(end, { doing, phase })) ?? commandFailure(end, doing);
  }

  /** A pack may be on the server and the command fail all the same; git takes that for a failed push too. */
  async #requireGoodEnd(doing: string, sending: Promise<void>): Promise<void> {
    await sending;
    const { code } = await this.#farewell();
    throwIfAborted(this.#watch.signal);
    if (code !== 0) throw await this.#failure(doing);
  }

  /** Reads what is still to come, or the channel would never close. */
  async #farewell(): Promise<Awaited<SshChannel["ended"]>> {
    const timer = setTimeout(() => this.#channel.kill(), GOODBYE_MS);
    try {
      for (;;) {
        const next = await this.#channel.output.next().catch(() => undefined);
        if (next === undefined || next.done === true) break;
      }
      return await this.#channel.ended;
    } finally {
      clearTimeout(timer);
    }
  }
}
