/** Asks an upload-pack for a pack: everything that `wants` reach and `haves` do not, in one round. */
import { transportError } from "../../transport/transport-error.ts";
import type { ByteStream, Connection } from "../../transport/transport.ts";
import type { Oid } from "../model.ts";
import type { Capabilities } from "./capabilities.ts";
import { AGENT } from "./capabilities.ts";
import type { Listing } from "./list-refs.ts";
import { commandHeader } from "./list-refs.ts";
import { FLUSH, lineOf, packet, PacketReader } from "./pkt-line.ts";
import { sidebandData } from "./sideband.ts";
import { steppingThrough } from "./while-waiting.ts";

export type FetchPackInput<Result> = {
  readonly connection: Connection;
  readonly listing: Pick<Listing, "version" | "capabilities">;
  /** Tips from the listing; at least one. */
  readonly wants: readonly Oid[];
  /** Commits that are here with all their history; the server leaves out what they reach. */
  readonly haves: readonly Oid[];
  /** Takes the pack; must throw when it is not whole. */
  readonly receive: (pack: ByteStream) => Promise<Result>;
  /** The server's progress lines; without it none are asked for. */
  readonly onMessage?: ((line: string) => void) | undefined;
  /** Taken step by step from when the request is on its way until the pack begins, see `steppingThrough`. */
  readonly whileWaiting?: Iterable<unknown> | undefined;
};

/**
 * Returns what `receive` returned, and only when the answer also ended as the protocol says.
 * @throws LullError `TRUNCATED`, `REMOTE_ERROR`, `UNSUPPORTED` and whatever `receive` throws
 */
export async function fetchPack<Result>(input: FetchPackInput<Result>): Promise<Result> {
  const { connection, listing } = input;
  const request = listing.version === 2 ? version2Request(input) : version0Request(input);
  const begun = beginPack(input, connection.exchange("git-upload-pack", request));
  const { reader, pack, first } = await steppingThrough(begun, input.whileWaiting ?? []);
  try {
    let next: Promise<IteratorResult<Uint8Array>> | undefined = Promise.resolve(first);
    const rest = (): Promise<IteratorResult<Uint8Array>> => {
      const due = next ?? pack.next();
      next = undefined;
      return due;
    };
    const result = await input.receive({ [Symbol.asyncIterator]: () => ({ next: rest }) });
    // The receiver may stop at the pack's last byte; the final flush must come all the same, and nothing else.
    if ((await rest()).done !== true) throw reader.malformed("there is more behind the pack");
    return result;
  } finally {
    await reader.close();
  }
}

type BegunPack = {
  readonly reader: PacketReader;
  readonly pack: AsyncGenerator<Uint8Array>;
  readonly first: IteratorResult<Uint8Array>;
};

/** Up to the pack's first bytes: until then the server is at work. */
async function beginPack(
  { connection, listing, onMessage }: FetchPackInput<unknown>,
  answer: Promise<ByteStream>,
): Promise<BegunPack> {
  const { remote } = connection;
  const reader = new PacketReader(await answer, remote);
  try {
    if (listing.version === 2) await skipToPackfile(reader);
    else await skipAcknowledgements(reader);
    const pack = sidebandData(reader, { remote, onMessage });
    return { reader, pack, first: await pack.next() };
  } catch (error) {
    await reader.close();
    throw error;
  }
}

async function* version2Request({
  listing,
  wants,
  haves,
  onMessage,
}: FetchPackInput<unknown>): AsyncGenerator<Uint8Array> {
  yield Buffer.concat([
    ...commandHeader("fetch", listing.capabilities),
    packet("thin-pack\n"),
    packet("ofs-delta\n"),
    packet("include-tag\n"),
    ...(onMessage === undefined ? [packet("no-progress\n")] : []),
    ...wants.map((oid) => packet(`want ${oid}\n`)),
    ...haves.map((oid) => packet(`have ${oid}\n`)),
    // Without waiting for acknowledgements: the tips of the tracking branches are among the haves, so that the
    // server nearly always finds a common base in this one round.
    packet("done\n"),
    FLUSH,
  ]);
}

function version0Request({
  connection,
  listing,
  wants,
  haves,
  onMessage,
}: FetchPackInput<unknown>): ByteStream {
  const { capabilities } = listing;
  if (!capabilities.has("side-band-64k")) {
    throw transportError({
      code: "UNSUPPORTED",
      message: `the server of ${connection.remote} is too old (no side-band-64k)`,
    });
  }
  const chosen = [
    "side-band-64k",
    ...["ofs-delta", "thin-pack", "include-tag"].filter((name) => capabilities.has(name)),
    ...(onMessage === undefined && capabilities.has("no-progress") ? ["no-progress"] : []),
    ...clientIdentity(capabilities),
  ].join(" ");
  const whole = Buffer.concat([
    ...wants.map((oid, index) => packet(index === 0 ? `want ${oid} ${chosen}\n` : `want ${oid}\n`)),
    FLUSH,
    ...haves.map((oid) => packet(`have ${oid}\n`)),
    packet("done\n"),
  ]);
  return (async function* () {
    yield whole;
  })();
}

/** The capabilities that only say who speaks; a server must have offered them first. */
export function clientIdentity(capabilities: Capabilities): readonly string[] {
  return [
    ...(capabilities.has("object-format") ? ["object-format=sha1"] : []),
    ...(capabilities.has("agent") ? [`agent=${AGENT}`] : []),
  ];
}

/** A version 2 answer is a row of sections; all but the pack are about things that were not asked for. */
async function skipToPackfile(reader: PacketReader): Promise<void> {
  for (;;) {
    const section = await reader.line();
    if (section === "packfile") return;
    if (section === undefined) throw reader.malformed("it sent no pack");
    for (let next = await reader.need(); next.kind !== "delimiter"; next = await reader.need()) {
      if (next.kind !== "data") throw reader.malformed("it sent no pack");
    }
  }
}

async function skipAcknowledgements(reader: PacketReader): Promise<void> {
  for (;;) {
    const next = await reader.need();
    if (next.kind !== "data") throw reader.malformed("it sent no pack");
    const line = lineOf(next.bytes);
    if (line === "NAK" || line.startsWith("ACK ") || line.startsWith("shallow ")) continue;
    reader.unread(next);
    return;
  }
}
