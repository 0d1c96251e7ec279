/** Tells a list of refs from everything else a web server may answer with, and takes HTTP's preamble off it. */
import { safeText } from "../base/safe-text.ts";
import type { ByteStream, GitService } from "./transport.ts";
import { transportError } from "./transport-error.ts";

export type AdvertisementAnswer = {
  readonly response: Response;
  readonly body: ByteStream;
  readonly service: GitService;
  /** For messages. */
  readonly remote: string;
};

/**
 * Returns the service's own advertisement. A version 2 answer may come with or without the preamble
 * (`git http-backend` leaves it out, GitHub sends it).
 * @throws LullError `UNSUPPORTED` (a server of plain files), `REPO_NOT_FOUND` (a web page), `TRUNCATED`
 */
export async function checkedAdvertisement(answer: AdvertisementAnswer): Promise<ByteStream> {
  const { response, body, service, remote } = answer;
  const iterator = body[Symbol.asyncIterator]();
  const type = (response.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (type !== `application/x-${service}-advertisement`) {
    await iterator.next();
    await iterator.return?.();
    throw type === "text/plain" || type === "application/octet-stream"
      ? dumbServer(remote)
      : webPage(remote, type);
  }
  const start = new Uint8Array(await readAtLeast(iterator, 4, new Uint8Array(0)));
  const length = Number.parseInt(Buffer.from(start.subarray(0, 4)).toString("latin1"), 16);
  const first = length >= 4 ? await readAtLeast(iterator, length, start) : start;
  const text = Buffer.from(first.subarray(4, Math.max(4, length))).toString("latin1");
  if (!text.startsWith("# service=")) return concatenated(first, iterator);
  if (text.trimEnd() !== `# service=${service}`) {
    await iterator.return?.();
    throw transportError({
      code: "REMOTE_ERROR",
      message: `${remote} answered for another service: ${safeText(text.trimEnd().slice(0, 80))}`,
    });
  }
  const withFlush = await readAtLeast(iterator, length + 4, first);
  if (Buffer.from(withFlush.subarray(length, length + 4)).toString("latin1") !== "0000") {
    await iterator.return?.();
    throw transportError({
      code: withFlush.length < length + 4 ? "TRUNCATED" : "REMOTE_ERROR",
      message: `the list of refs of ${remote} breaks off after its first line`,
    });
  }
  return concatenated(withFlush.subarray(length + 4), iterator);
}

/** Returns all bytes read so far, at least `size` of them unless the stream ends before. */
async function readAtLeast(
  iterator: AsyncIterator<Uint8Array>,
  size: number,
  before: Uint8Array,
): Promise<Uint8Array> {
  const chunks = [before];
  for (let have = before.length; have < size;) {
    const next = await iterator.next();
    if (next.done === true) break;
    chunks.push(next.value);
    have += next.value.length;
  }
  return chunks.length === 1 ? before : Buffer.concat(chunks);
}

async function* concatenated(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (first.length > 0) yield first;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

function dumbServer(remote: string): Error {
  return transportError({
    code: "UNSUPPORTED",
    message: `${remote} only serves plain files (git's "dumb" HTTP)`,
    hint: "serve it through `git http-backend`, or use another address of the same repository",
  });
}

function webPage(remote: string, type: string): Error {
  const what =
    type === "text/html" ? "a web page" : safeText(type === "" ? "an answer without a type" : type);
  return transportError({
    code: "REPO_NOT_FOUND",
    message: `${remote} answered with ${what} instead of a git repository`,
    causes: ["the URL has a typing mistake", "a log-in page or a captive portal stands in between"],
  });
}
