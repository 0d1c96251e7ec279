/** One answer that carries data, progress and errors side by side: the first byte of each packet says which. */
import { safeText } from "../../base/safe-text.ts";
import { transportError } from "../../transport/transport-error.ts";
import type { PacketReader } from "./pkt-line.ts";
import { packet } from "./pkt-line.ts";

export type SidebandOptions = {
  /** For messages. */
  readonly remote: string;
  /** One line of the server's own output, made safe to print. */
  readonly onMessage?: ((line: string) => void) | undefined;
};

/** The longest payload of one packet: 65,520 less four digits and the band. */
const MAX_PAYLOAD = 65_515;

/**
 * Yields the data (band 1) up to the final flush.
 * @throws LullError `TRUNCATED` when the stream ends before the flush; `REMOTE_ERROR` with the server's words (band 3)
 */
export async function* sidebandData(
  reader: PacketReader,
  options: SidebandOptions,
): AsyncGenerator<Uint8Array> {
  const messages = new MessageLines(options.onMessage);
  for (;;) {
    const next = await reader.needStart();
    if (next.kind === "flush") break;
    if (next.kind !== "data") throw reader.malformed(`a ${next.kind} packet amid the data`);
    const start = next.bytes.subarray(1);
    if (next.bytes[0] === 1) {
      // An empty one is a keep-alive.
      if (start.length > 0) yield start;
      for (let piece = await reader.more(); piece !== undefined; piece = await reader.more()) yield piece;
      continue;
    }
    const payload = await wholeOf(reader, start);
    switch (next.bytes[0]) {
      case 2:
        messages.add(payload);
        break;
      case 3: {
        messages.end();
        const said = safeText(Buffer.from(payload).toString("utf8").trim().slice(0, 500));
        throw transportError({ code: "REMOTE_ERROR", message: `${options.remote} said: ${said}` });
      }
      case undefined:
      default:
        throw reader.malformed(`a packet on band ${next.bytes[0] ?? "none"}`);
    }
  }
  messages.end();
}

async function wholeOf(reader: PacketReader, start: Uint8Array): Promise<Uint8Array> {
  const pieces = [start];
  for (let piece = await reader.more(); piece !== undefined; piece = await reader.more()) pieces.push(piece);
  return pieces.length === 1 ? start : Buffer.concat(pieces);
}

/** Frames bytes for a band, in as many packets as they need. */
export function* sidebandPackets(band: 1 | 2 | 3, bytes: Uint8Array): Generator<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += MAX_PAYLOAD) {
    const part = bytes.subarray(offset, offset + MAX_PAYLOAD);
    const framed = new Uint8Array(part.length + 1);
    framed[0] = band;
    framed.set(part, 1);
    yield packet(framed);
  }
}

/** Puts lines together that arrive in pieces; a carriage return (git's way to redraw progress) ends a line too. */
class MessageLines {
  readonly #onMessage: ((line: string) => void) | undefined;
  #rest = "";

  constructor(onMessage: ((line: string) => void) | undefined) {
    this.#onMessage = onMessage;
  }

  add(bytes: Uint8Array): void {
    if (this.#onMessage === undefined) return;
    const lines = (this.#rest + Buffer.from(bytes).toString("latin1")).split(/[\r\n]/);
    // A server that never ends its line must not fill the memory.
    this.#rest = (lines.pop() ?? "").slice(0, 4096);
    for (const line of lines) this.#emit(line);
  }

  end(): void {
    this.#emit(this.#rest);
    this.#rest = "";
  }

  #emit(line: string): void {
    const text = safeText(Buffer.from(line, "latin1").toString("utf8")).trim();
    if (text !== "") this.#onMessage?.(text);
  }
}
