/** Sends commits to a receive-pack (version 0, the only one that pushing has) and moves one ref there. Never by force. */
import { throwIfAborted } from "../../base/abort.ts";
import { LullError } from "../../base/errors.ts";
import { transportError } from "../../transport/transport-error.ts";
import type { Connection } from "../../transport/transport.ts";
import type { PushResult } from "../git.ts";
import { isAncestor } from "../history/is-ancestor.ts";
import type { Oid, Progress } from "../model.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import { readAdvertisement } from "./advertisement.ts";
import type { Capabilities } from "./capabilities.ts";
import { isToBeAskedAgain } from "./known-server.ts";
import { objectsToSend, type ObjectsToSend } from "./objects-to-send.ts";
import { type PushAnswer, sendPush, smallPack, unpackError } from "./push-request.ts";
import type { RefList } from "./ref-collector.ts";
import { isForbidden, judgeRefusal } from "./report-status.ts";
import { usingTheWait } from "./while-waiting.ts";

export type PushPackInput = {
  readonly connection: Connection;
  readonly store: ObjectStore;
  /** Full name on the remote. */
  readonly ref: string;
  readonly commit: Oid;
  /** The remote's branches as last seen, by full name on the remote. */
  readonly expected?: ReadonlyMap<string, Oid> | undefined;
  readonly signal: AbortSignal;
  /** The server's lines, hooks included, made safe to print. */
  readonly onMessage?: ((line: string) => void) | undefined;
  readonly onProgress?: Progress | undefined;
  /** Called when the pack is on its way. */
  readonly whileWaiting?: (() => void) | undefined;
};

/**
 * One request where the connection remembers what the server can do, the branch is where it was last seen and the pack is
 * small, else two.
 * @throws LullError `FORBIDDEN` (a hook or rule says no), `TRUNCATED` (the answer is lost: the push may have been
 *   carried out; the next one then finds the remote up to date), `REMOTE_ERROR`, `UNSUPPORTED`, those of the connection
 */
export async function pushPack(input: PushPackInput): Promise<PushResult> {
  return (await pushUnasked(input)) ?? pushAsked(input);
}

/** In bytes. A larger pack is not sent on the chance that it has to be sent twice; it hides the time of a question. */
const MOST_UNASKED = 1024 * 1024;

/**
 * Without asking where the remote's refs are: a ref moves only if it is where this push says, so that a server that is
 * elsewhere refuses it as it does a lost race.
 * @returns undefined when it has to be done in form
 */
async function pushUnasked(input: PushPackInput): Promise<PushResult | undefined> {
  const { connection, store, ref, commit, expected, signal } = input;
  const { memory, remote } = connection;
  const capabilities = memory?.receiving;
  const before = expected?.get(ref);
  if (memory === undefined || capabilities === undefined || expected === undefined) return undefined;
  if (before === undefined || before === commit) return undefined;
  const haves = [...expected.values()].filter((oid) => store.locate(oid) !== undefined);
  if (!haves.includes(before) || !isAncestor(store, before, commit, signal)) return undefined;
  const objects = objectsToSend(store, { wants: [commit], haves, signal });
  const request = { ...input, before, capabilities, objects };
  const pack = await smallPack(request, MOST_UNASKED);
  if (pack === undefined) return undefined;
  let answer: PushAnswer;
  try {
    answer = await sendPush({ ...request, pack });
  } catch (error) {
    if (!isToBeAskedAgain(error)) throw error;
    memory.receiving = undefined;
    return undefined;
  }
  const { unpack, outcome, messages, bytes } = answer;
  if (unpack === "ok" && outcome === "ok") return { kind: "pushed", objects: objects.oids.length, bytes };
  // A rule of the server's stays what it is. Anything else may come of what has changed there.
  if (unpack === "ok" && outcome !== undefined && isForbidden(outcome))
    judgeRefusal(outcome, { remote, ref, messages });
  return undefined;
}

async function pushAsked(input: PushPackInput): Promise<PushResult> {
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
  throwIfAborted(signal);
  const answer = await sendPush({ ...input, capabilities, before, objects });
  const { unpack, outcome, messages, bytes } = answer;
  if (unpack !== "ok") throw unpackError(remote, ref, answer);
  if (outcome === undefined) {
    throw transportError({ code: "REMOTE_ERROR", message: `${remote} does not say what became of ${ref}` });
  }
  if (outcome !== "ok") return { kind: judgeRefusal(outcome, { remote, ref, messages }) };
  // A redirect may have taken the memory away.
  if (connection.memory !== undefined) connection.memory.receiving = whatPushesUse(capabilities);
  return { kind: "pushed", objects: objects.oids.length, bytes };
}

const USED = ["report-status", "side-band-64k", "quiet", "ofs-delta", "no-thin", "object-format", "agent"];

/** Without the server's own version, which says nothing about what it can do. */
function whatPushesUse(capabilities: Capabilities): Capabilities {
  return new Map(
    USED.filter((name) => capabilities.has(name)).map((name) => [
      name,
      name === "agent" ? "" : (capabilities.get(name) ?? ""),
    ]),
  );
}

type Guess = {
  readonly objects: ObjectsToSend;
  /** Whether the remote's branches are what they were. */
  readonly fits: (list: RefList) => boolean;
};

/** Counts the objects against what the remote had last time while its answer is on its way; mostly nothing changed. */
async function guessWhile(
  answer: Promise<unknown>,
  { store, commit, expected, signal }: PushPackInput,
): Promise<Guess | undefined> {
  let objects: ObjectsToSend | undefined;
  const haves = new Set<Oid>();
  // The request goes out before the counting begins, which does not yield.
  await usingTheWait(answer, () => {
    for (const oid of expected?.values() ?? []) if (store.locate(oid) !== undefined) haves.add(oid);
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
