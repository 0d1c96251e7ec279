import { throwIfAborted } from "../../base/abort.ts";
import { writeFully } from "../../base/atomic-file.ts";
import { formatByteSize } from "../../base/byte-size.ts";
import { fromSystem, LullError, messageOf } from "../../base/errors.ts";
import { transportError } from "../../transport/transport-error.ts";
import { DamagedData } from "./damaged-data.ts";

export type ReceiveOptions = {
  /** What is being done, for error messages, e.g. `fetch from https://example.com/notes.git`. */
  readonly doing: string;
  readonly signal: AbortSignal | undefined;
  readonly maxBytes: number | undefined;
  readonly maxObjects: number | undefined;
  readonly onBytes: ((bytes: number) => void) | undefined;
  /** Called when this many bytes of the pack, and what its head declares, are in the file. */
  readonly onStored: (bytes: number, objects: number) => Promise<void> | undefined;
};

export type ReceivedPack = {
  readonly bytes: number;
  /** What the pack's head declares. */
  readonly objects: number;
  readonly checksum: Uint8Array;
  /** Whether the checksum at the end fits what came before. */
  readonly isIntact: boolean;
};

/** A head and a checksum. */
const SMALLEST_PACK = 32;

/**
 * Writes a pack to an open file as it comes, hashing; looks at nothing but its head and its end.
 * @throws LullError of the stream, `NETWORK` for other errors of the stream, `BAD_PACK` at a limit, or a system error;
 *   DamagedData for what is no pack
 */
export async function receivePackFile(
  stream: AsyncIterable<Uint8Array>,
  handle: number,
  options: ReceiveOptions,
): Promise<ReceivedPack> {
  const tail = new HashedTail();
  let head = Buffer.alloc(0);
  let bytes = 0;
  let objects = 0;
  try {
    for await (const chunk of stream) {
      throwIfAborted(options.signal);
      bytes += chunk.length;
      checkLimit(bytes, options);
      write(handle, chunk);
      tail.push(chunk);
      if (head.length < 12) {
        head = Buffer.concat([head, chunk.subarray(0, 12 - head.length)]);
        if (head.length === 12) objects = parseHead(head, options);
      }
      options.onBytes?.(bytes);
      const following = options.onStored(bytes, objects);
      if (following !== undefined) await following;
    }
  } catch (error) {
    throwIfAborted(options.signal);
    if (error instanceof LullError) throw error;
    throw transportError({ code: "NETWORK", message: `${options.doing}: ${messageOf(error)}`, cause: error });
  }
  if (bytes < SMALLEST_PACK) throw new DamagedData("short", `the pack ended after ${bytes} bytes`);
  return { bytes, objects: parseHead(head, options), checksum: tail.last, isIntact: tail.isChecksum() };
}

function parseHead(head: Buffer, { doing, maxObjects }: ReceiveOptions): number {
  if (head.toString("latin1", 0, 4) !== "PACK") throw new DamagedData("bad", "what came is no pack");
  const version = head.readUInt32BE(4);
  if (version !== 2 && version !== 3)
    throw new DamagedData("bad", `the pack has the unknown version ${version}`);
  const objects = head.readUInt32BE(8);
  if (maxObjects !== undefined && objects > maxObjects) {
    throw tooLarge(`${doing}: the pack has ${objects} objects, more than the limit of ${maxObjects}`);
  }
  return objects;
}

function checkLimit(bytes: number, { doing, maxBytes }: ReceiveOptions): void {
  if (maxBytes === undefined || bytes <= maxBytes) return;
  throw tooLarge(`${doing}: the pack is larger than the limit of ${formatByteSize(maxBytes)}`);
}

function tooLarge(message: string): LullError {
  return transportError({
    code: "BAD_PACK",
    message,
    causes: ["the repository is larger than expected", "somebody tries to fill this disk"],
    hint: "if the size is right, raise the limit and run `lull sync` again",
  });
}

function write(handle: number, chunk: Uint8Array): void {
  try {
    writeFully(handle, chunk);
  } catch (error) {
    throw fromSystem(error, "store the pack");
  }
}

/** SHA-1 of everything but the last 20 bytes, which are kept: only the end tells that they were the last. */
class HashedTail {
  readonly #hasher = new Bun.CryptoHasher("sha1");
  last = Buffer.alloc(0);

  push(chunk: Uint8Array): void {
    const joined = chunk.length < 20 ? Buffer.concat([this.last, chunk]) : chunk;
    if (joined === chunk) this.#hasher.update(this.last);
    const split = Math.max(0, joined.length - 20);
    this.#hasher.update(joined.subarray(0, split));
    this.last = Buffer.from(joined.subarray(split));
  }

  isChecksum(): boolean {
    return this.last.equals(this.#hasher.digest());
  }
}
