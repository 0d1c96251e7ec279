/** Answers a fetch: the objects that the wanted refs reach and the other side does not have. */
import { transportError } from "../../transport/transport-error.ts";
import type { ByteStream } from "../../transport/transport.ts";
import type { Oid } from "../model.ts";
import { packStream } from "../objects/pack-stream.ts";
import { objectsToSend } from "../wire/objects-to-send.ts";
import { FLUSH, packet, PacketReader } from "../wire/pkt-line.ts";
import { sidebandPackets } from "../wire/sideband.ts";
import type { RefSnapshot } from "./advertise.ts";
import { peel } from "./advertise.ts";
import type { ServedRepository } from "./served-repository.ts";

/** No client of ours asks for more; a longer request is a mistake or an attack. */
const MAX_LINES = 400_000;

/**
 * @param advertised what the other side was shown; nothing else may be wanted
 * @throws LullError `REMOTE_ERROR` for a request that is none; amid the stream, the store's own errors
 */
export async function* answerUploadPack(
  repository: ServedRepository,
  advertised: RefSnapshot,
  request: ByteStream,
): AsyncGenerator<Uint8Array> {
  const { store } = repository;
  const asked = await readRequest(request, repository.remote);
  if (asked.wants.length === 0) return;
  const tips = new Set(advertised.refs.values());
  for (const want of asked.wants) {
    if (!tips.has(want)) yield* refuse(`upload-pack: not our ref ${want}`);
    if (!tips.has(want)) return;
  }
  store.refresh();
  const common = asked.haves.filter((oid) => store.locate(oid) !== undefined);
  const { oids, isThere } = objectsToSend(store, { wants: asked.wants, haves: common });
  const last = common.at(-1);
  yield packet(last === undefined ? "NAK\n" : `ACK ${last}\n`);
  const tags = asked.capabilities.has("include-tag") ? tagsOf(repository, advertised, new Set(oids)) : [];
  const pack = packStream(store, [...oids, ...tags], {
    ofsDelta: asked.capabilities.has("ofs-delta"),
    receiverHas: asked.capabilities.has("thin-pack") ? isThere : undefined,
  });
  for await (const chunk of pack) yield* sidebandPackets(1, chunk);
  yield FLUSH;
}

type Request = {
  readonly wants: readonly Oid[];
  readonly haves: readonly Oid[];
  /** What the client asked for behind its first want. */
  readonly capabilities: ReadonlySet<string>;
};

async function readRequest(request: ByteStream, remote: string): Promise<Request> {
  const reader = new PacketReader(request, remote);
  const wants: Oid[] = [];
  const haves: Oid[] = [];
  const capabilities = new Set<string>();
  try {
    for (let lines = 0; lines < MAX_LINES; lines++) {
      const next = await reader.next();
      if (next === undefined || (next.kind === "flush" && wants.length === 0))
        return { wants: [], haves, capabilities };
      if (next.kind !== "data") continue;
      const line = Buffer.from(next.bytes).toString("latin1").trimEnd();
      if (line === "done") return { wants, haves, capabilities };
      const [, word, oid, rest = ""] = /^(want|have) ([0-9a-f]{40})(?: (.*))?$/.exec(line) ?? [];
      if (oid === undefined) throw unknownLine(remote, line);
      if (word === "want") wants.push(oid);
      else haves.push(oid);
      for (const name of rest.split(" ")) capabilities.add(name);
    }
    throw unknownLine(remote, "too many lines");
  } finally {
    await reader.close();
  }
}

/** Annotated tags of what is sent; nobody asks for them by name. */
function tagsOf(repository: ServedRepository, { refs }: RefSnapshot, sent: ReadonlySet<Oid>): Oid[] {
  const tags = new Set<Oid>();
  for (const [name, oid] of refs) {
    if (!name.startsWith("refs/tags/") || sent.has(oid)) continue;
    const peeled = peel(repository, oid);
    // A tag of a tag would need the inner one as well; those stay for a fetch that wants them.
    if (peeled !== oid && sent.has(peeled)) {
      for (const tag of objectsToSend(repository.store, { wants: [oid], haves: [peeled] }).oids)
        tags.add(tag);
    }
  }
  return [...tags].filter((oid) => !sent.has(oid));
}

function* refuse(words: string): Generator<Uint8Array> {
  yield packet(`ERR ${words}\n`);
}

function unknownLine(remote: string, line: string): Error {
  return transportError({
    code: "REMOTE_ERROR",
    message: `${remote} was asked for something it does not offer: ${line.slice(0, 40)}`,
  });
}
