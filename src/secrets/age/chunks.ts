/** Bytes that lie in memory as a stream and back, so that long work can be broken off and holds no third copy. */
import { throwIfAborted } from "../../base/abort.ts";

/** Four chunks of age's; some milliseconds of work. */
const PIECE = 256 * 1024;

/** Piece by piece, each when the one before is done; ends in the signal's error. */
export function chunksOf(bytes: Uint8Array, signal: AbortSignal): ReadableStream<Uint8Array> {
  let done = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        // Without it a file in memory leaves no moment in which a signal could come.
        await new Promise((resolve) => setImmediate(resolve));
        throwIfAborted(signal);
        if (done < bytes.length) controller.enqueue(bytes.subarray(done, done + PIECE));
        done += PIECE;
        if (done >= bytes.length) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

/**
 * Returns all of a stream, which has exactly `size` bytes. When it fails, what came of it is wiped.
 * @throws what the stream fails with; an Error when it has another size
 */
export async function collect(stream: ReadableStream<Uint8Array>, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  let filled = 0;
  try {
    for await (const chunk of stream) {
      if (filled + chunk.length > size) throw new Error(`more than ${size} bytes came`);
      bytes.set(chunk, filled);
      filled += chunk.length;
    }
    if (filled !== size) throw new Error(`${filled} of ${size} bytes came`);
    return bytes;
  } catch (error) {
    bytes.fill(0);
    throw error;
  }
}
