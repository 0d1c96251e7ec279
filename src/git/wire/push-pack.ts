/** Sends commits to a receive-pack (version 0, the only one that pushing has) and moves one ref there. Never by force. */
import { throwIfAborted } from "../../base/abort.ts";
import { LullError } from "../../base/errors.ts";
import { transportError } from "../../transport/transport-error.ts";
import type { ByteStream, Connection } from "../../transport/transport.ts";
import type { PushResult } from "../git.ts";
import { isAncestor } from "../history/is-ancestor.ts";
import type { Oid } from "../model.ts";
import { ZERO_OID } from "../model.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import { packStream } from "../objects/pack-stream.ts";
import { refNameToBytes } from "../refs/ref-name.ts";
import { readAdvertisement } from "./advertisement.ts";
import type { Capabilities } from "./capabilities.ts";
import { clientIdentity } from "./fetch-pack.ts";
import { objectsToSend, type ObjectsToSend } from "./objects-to-send.ts";
import { FLUSH, packet, PacketReader } from "./pkt-line.ts";
import type { RefList } from "./ref-collector.ts";
import { judgeRefusal, readReport } from "./report-status.ts";
import type { PushReport } from "./report-status.ts";
import { sidebandData } from "./sideband.ts";
import { usingTheWait } from "./while-waiting.ts";

export type PushPackInput = {
  readonly connection: Connection;
  readonly store: ObjectStore;
  /** Full name on the remote. */
  readonly ref: string;
  readonly commit: Oid;
  /** The remote's branches as last seen. */
  readonly expected?: readonly Oid[] | undefined;
  readonly signal: AbortSignal;
  /** The server's lines, hooks included, made safe to print. */
  readonly onMessage?: ((line: string) => void) | undefined;
  /** Called when the pack is on its way. */
  readonly whileWaiting?: (() => void) | undefined;
};

/** A hook that prints pages must not fill the error message. */
const MAX_MESSAGES = 10;

/**
 * @throws LullError `FORBIDDEN` (a hook or rule says no), `TRUNCATED` (the answer is lost: the push may have been
 *   carried out; the next one then finds the remote up to date), `REMOTE_ERROR`, `UNSUPPORTED`, those of the connection
 */
export async function pushPack(input: PushPackInput): Promise<PushResult> {
  const { connection, store, ref, commit, signal } = input;
  const { remote } = connection;
  const asked = connection.advertise("git-receive-pack", 0);
  const guess = await guessWhile(asked, input);
  const advertisement = await readAdvertisement(await asked, remote);
  if (advertisement.version === 2 || !advertisement.capabilities.has("report-status")) {
    throw transportError({ code: "UNSUPPORTED", message: `${remote} does not report what became of a push` });
  }
  const { capabilities, list } = advertisement;
  const before = list.refs.get(ref);
  if (before === commit) return { kind: "up-to-date" };
  refuseNameConflict(remote, ref, list.refs.keys());
  store.refresh();
  const isHere = (oid: Oid): boolean => store.locate(oid) !== undefined;
  if (before !== undefined && !(isHere(before) && isAncestor(store, before, commit, signal)))
    return { kind: "behind" };
  const haves = [...new Set([...list.refs.values(), ...list.others])].filter(isHere);
  const objects = guess?.fits(list)
    ? guess.objects
    : objectsToSend(store, { wants: [commit], haves, signal });
  const request = new PushRequest({ ...input, capabilities, before, objects });
  throwIfAborted(signal);
  const messages: string[] = [];
  const answer = connection.exchange("git-receive-pack", request.stream());
  if (input.whileWaiting !== undefined) await usingTheWait(answer, input.whileWaiting);
  const report = await readAnswer(await answer, {
    remote,
    sideband: capabilities.has("side-band-64k"),
    onMessage: (line) => {
      if (messages.length < MAX_MESSAGES) messages.push(line);
      input.onMessage?.(line);
    },
  });
  const context = { remote, ref, messages };
  const outcome = report.refs.get(refNameToBytes(ref));
  if (outcome === "ok" && report.unpack === "ok")
    return { kind: "pushed", objects: objects.oids.length, bytes: request.bytes };
  if (report.unpack !== "ok") {
    const said = [Buffer.from(report.unpack, "latin1").toString("utf8").slice(0, 300), ...messages].join(
      "; ",
    );
    throw transportError({
      code: "REMOTE_ERROR",
      message: `${remote} could not store the push of ${ref}: ${said}`,
    });
  }
  if (outcome === undefined) {
    throw transportError({ code: "REMOTE_ERROR", message: `${remote} does not say what became of ${ref}` });
  }
  return { kind: judgeRefusal(outcome, context) };
}

type Guess = {
  readonly objects: ObjectsToSend;
  /** Whether the remote's branches are what they were. */
  readonly fits: (list: RefList) => boolean;
};

/** Counts the objects against what the remote had last time while its answer is on its way; mostly nothing changed. */
async function guessWhile(
  answer: Promise<unknown>,
  { store, commit, expected = [], signal }: PushPackInput,
): Promise<Guess | undefined> {
  let objects: ObjectsToSend | undefined;
  const haves = new Set<Oid>();
  // The request goes out before the counting begins, which does not yield.
  await usingTheWait(answer, () => {
    for (const oid of expected) if (store.locate(oid) !== undefined) haves.add(oid);
    if (haves.size > 0) objects = objectsToSend(store, { wants: [commit], haves: [...haves], signal });
  });
  if (objects === undefined) return undefined;
  const fits = ({ refs }: RefList): boolean => {
    const branches = [...refs].filter(([name]) => name.startsWith("refs/heads/")).map(([, oid]) => oid);
    const here = new Set(branches.filter((oid) => store.locate(oid) !== undefined));
    return here.size === haves.size && [...here].every((oid) => haves.has(oid));
  };
  return { objects, fits };
}

/** Git's own report calls this "failed to update ref", as it does a lost race. */
function refuseNameConflict(remote: string, ref: string, names: Iterable<string>): void {
  for (const name of names) {
    if (!name.startsWith(`${ref}/`) && !ref.startsWith(`${name}/`)) continue;
    throw new LullError({
      kind: "failed",
      code: "REF_NAME_CONFLICT",
      message: `cannot create ${ref} on ${remote}: ${name} exists there, and git cannot hold both names`,
      hint: "rename or delete one of the two branches",
      data: { ref, other: name },
    });
  }
}

type RequestInput = PushPackInput & {
  readonly capabilities: Capabilities;
  readonly before: Oid | undefined;
  readonly objects: ObjectsToSend;
};

class PushRequest {
  /** Of the pack, as far as it was sent. */
  bytes = 0;
  readonly #input: RequestInput;

  constructor(input: RequestInput) {
    this.#input = input;
  }

  async *stream(): AsyncGenerator<Uint8Array> {
    const { capabilities, before, commit, ref, store, objects, signal } = this.#input;
    const chosen = [
      "report-status",
      ...["side-band-64k", "quiet"].filter((name) => capabilities.has(name)),
      ...clientIdentity(capabilities),
    ].join(" ");
    const command = `${before ?? ZERO_OID} ${commit} ${refNameToBytes(ref)}\0${chosen}`;
    yield Buffer.concat([packet(command), FLUSH]);
    const pack = packStream(store, objects.oids, {
      signal,
      ofsDelta: capabilities.has("ofs-delta"),
      receiverHas: capabilities.has("no-thin") ? undefined : objects.isThere,
    });
    for await (const chunk of pack) {
      this.bytes += chunk.length;
      yield chunk;
    }
  }
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
