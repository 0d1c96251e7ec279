/** One push on the wire: the command, the pack, and what the server says became of them. */
import type { LullError } from "../../base/errors.ts";
import { transportError } from "../../transport/transport-error.ts";
import type { ByteStream, Connection } from "../../transport/transport.ts";
import type { Oid, Progress } from "../model.ts";
import { ZERO_OID } from "../model.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import { packStream } from "../objects/pack-stream.ts";
import { refNameToBytes } from "../refs/ref-name.ts";
import type { Capabilities } from "./capabilities.ts";
import { clientIdentity } from "./fetch-pack.ts";
import type { ObjectsToSend } from "./objects-to-send.ts";
import { FLUSH, packet, PacketReader } from "./pkt-line.ts";
import type { PushReport } from "./report-status.ts";
import { readReport } from "./report-status.ts";
import { sidebandData } from "./sideband.ts";
import { usingTheWait } from "./while-waiting.ts";

export type PushRequestInput = {
  readonly connection: Connection;
  readonly store: ObjectStore;
  /** Full name on the remote. */
  readonly ref: string;
  readonly commit: Oid;
  /** What the ref has to be at for the server to move it; undefined: it must not exist. */
  readonly before: Oid | undefined;
  readonly capabilities: Capabilities;
  readonly objects: ObjectsToSend;
  /** Of `objects`, if it is made already. */
  readonly pack?: readonly Uint8Array[] | undefined;
  readonly signal: AbortSignal;
  /** The server's lines, hooks included, made safe to print. */
  readonly onMessage?: ((line: string) => void) | undefined;
  readonly onProgress?: Progress | undefined;
  /** Called when the pack is on its way. */
  readonly whileWaiting?: (() => void) | undefined;
};

export type PushAnswer = {
  readonly unpack: string;
  /** `ok`, or why the ref did not move; undefined when the server does not say. */
  readonly outcome: string | undefined;
  readonly messages: readonly string[];
  /** Of the pack. */
  readonly bytes: number;
};

/** A hook that prints pages must not fill the error message. */
const MAX_MESSAGES = 10;

/** @throws LullError `TRUNCATED`, `REMOTE_ERROR`, those of the connection */
export async function sendPush(input: PushRequestInput): Promise<PushAnswer> {
  const { connection, capabilities, ref } = input;
  const messages: string[] = [];
  const pack = new CountedRequest(input);
  const answer = connection.exchange("git-receive-pack", pack.stream());
  if (input.whileWaiting !== undefined) await usingTheWait(answer, input.whileWaiting);
  const report = await readAnswer(await answer, {
    remote: connection.remote,
    sideband: capabilities.has("side-band-64k"),
    onMessage: (line) => {
      if (messages.length < MAX_MESSAGES) messages.push(line);
      input.onMessage?.(line);
    },
  });
  return {
    unpack: report.unpack,
    outcome: report.refs.get(refNameToBytes(ref)),
    messages,
    bytes: pack.bytes,
  };
}

/** What stands against a push that was not carried out. */
export function unpackError(remote: string, ref: string, { unpack, messages }: PushAnswer): LullError {
  const said = [Buffer.from(unpack, "latin1").toString("utf8").slice(0, 300), ...messages].join("; ");
  return transportError({
    code: "REMOTE_ERROR",
    message: `${remote} could not store the push of ${ref}: ${said}`,
  });
}

class CountedRequest {
  /** Of the pack, as far as it was sent. */
  bytes = 0;
  readonly #input: PushRequestInput;

  constructor(input: PushRequestInput) {
    this.#input = input;
  }

  async *stream(): AsyncGenerator<Uint8Array> {
    const { capabilities, before, commit, ref, pack = packFor(this.#input) } = this.#input;
    const chosen = [
      "report-status",
      ...["side-band-64k", "quiet"].filter((name) => capabilities.has(name)),
      ...clientIdentity(capabilities),
    ].join(" ");
    const command = `${before ?? ZERO_OID} ${commit} ${refNameToBytes(ref)}\0${chosen}`;
    yield Buffer.concat([packet(command), FLUSH]);
    for await (const chunk of pack) {
      this.bytes += chunk.length;
      yield chunk;
    }
  }
}

/** Each piece may be valid until the next only. */
function packFor({
  store,
  objects,
  capabilities,
  signal,
  onProgress,
}: PushRequestInput): AsyncIterable<Uint8Array> {
  return packStream(store, objects.oids, {
    signal,
    ofsDelta: capabilities.has("ofs-delta"),
    receiverHas: capabilities.has("no-thin") ? undefined : objects.isThere,
    previousOf: objects.previousOf,
    onProgress,
  });
}

/** @returns undefined when the pack is larger */
export async function smallPack(
  input: PushRequestInput,
  mostBytes: number,
): Promise<readonly Uint8Array[] | undefined> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  // Whether it is sent at all is not decided yet.
  for await (const piece of packFor({ ...input, onProgress: undefined })) {
    bytes += piece.length;
    if (bytes > mostBytes) return undefined;
    pieces.push(Buffer.from(piece));
  }
  return pieces;
}

type AnswerOptions = {
  readonly remote: string;
  readonly sideband: boolean;
  readonly onMessage: (line: string) => void;
};

/** Inside the sideband the report is packets again, with a flush of its own before the outer one. */
async function readAnswer(
  answer: ByteStream,
  { remote, sideband, onMessage }: AnswerOptions,
): Promise<PushReport> {
  const outer = new PacketReader(answer, remote);
  try {
    if (!sideband) return await readReport(outer);
    const data = sidebandData(outer, { remote, onMessage });
    const report = await readReport(
      new PacketReader({ [Symbol.asyncIterator]: () => ({ next: () => data.next() }) }, remote),
    );
    // What hooks print after the report (post-receive) comes until the outer flush.
    for await (const _rest of data);
    return report;
  } finally {
    await outer.close();
  }
}
