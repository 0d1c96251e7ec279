/** Turns a byte stream into a body for `fetch`: small ones whole, with a length; large ones as a stream. */
import type { ByteStream } from "./transport.ts";

/**
 * Git's own `http.postBuffer`: up to here the body goes with Content-Length, which every server and proxy takes;
 * above it goes chunked, as git's does.
 */
export const WHOLE_BODY_LIMIT = 1 << 20;

export type RequestBody = {
  readonly body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  /** What the source itself threw; it explains a failed request better than what `fetch` makes of it. */
  readonly sourceError: () => unknown;
};

export type BodyWatch = {
  /** The source is working; time does not count. */
  readonly waiting: () => void;
  /** A piece was handed over. */
  readonly sent: (bytes: number) => void;
  /** Everything was handed over; the answer is next. */
  readonly ended: () => void;
};

/** @param mostWhole what is larger is sent as it comes; in bytes */
export async function createRequestBody(
  source: ByteStream,
  watch: BodyWatch,
  mostWhole = WHOLE_BODY_LIMIT,
): Promise<RequestBody> {
  const iterator = source[Symbol.asyncIterator]();
  const head: Uint8Array[] = [];
  for (let size = 0; size <= mostWhole;) {
    const next = await iterator.next();
    if (next.done === true) {
      watch.sent(size);
      watch.ended();
      return { body: joined(head, size), sourceError: () => undefined };
    }
    head.push(next.value);
    size += next.value.length;
  }
  let failure: unknown;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        watch.waiting();
        const chunk = head.shift() ?? (await nextChunk(iterator));
        if (chunk === undefined) {
          controller.close();
          watch.ended();
          return;
        }
        controller.enqueue(chunk);
        watch.sent(chunk.length);
      } catch (error) {
        failure = error;
        controller.error(error);
      }
    },
    async cancel() {
      await iterator.return?.();
    },
  });
  return { body, sourceError: () => failure };
}

async function nextChunk(iterator: AsyncIterator<Uint8Array>): Promise<Uint8Array | undefined> {
  const next = await iterator.next();
  return next.done === true ? undefined : next.value;
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}
