/**
 * One fetch: list, verified pack, connectivity, and only then the tracking refs. Whatever breaks before the last step
 * leaves every ref as it was; what breaks amid it leaves refs that each point to something whole.
 */
import { throwIfAborted } from "../../base/abort.ts";
import { LullError } from "../../base/errors.ts";
import type { Connection } from "../../transport/transport.ts";
import type { FetchResult, RemoteListing } from "../git.ts";
import type { Oid, Progress } from "../model.ts";
import { checkConnectivity } from "../history/connectivity.ts";
import type { StartEntryReader } from "../objects/entry-lane.ts";
import type { IngestedPack } from "../objects/ingest-pack.ts";
import { ingestPack } from "../objects/ingest-pack.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import type { ReflogEntry } from "../refs/reflog.ts";
import { fetchPack } from "./fetch-pack.ts";
import type { IncomingTips } from "./incoming-tips.ts";
import { listRefs } from "./list-refs.ts";
import type { Listing } from "./list-refs.ts";
import { LocalSide } from "./local-side.ts";
import type { RefList } from "./ref-collector.ts";
import { updateTags, updateTracking } from "./tracking-refs.ts";
import { steppingThrough } from "./while-waiting.ts";

export type FetchBranchesInput = {
  readonly connection: Connection;
  readonly listed?: RemoteListing | undefined;
  /** The remote's name, as in `refs/remotes/<name>/*`. */
  readonly remote: string;
  readonly gitDirectory: string;
  readonly store: ObjectStore;
  readonly signal: AbortSignal;
  readonly onProgress?: Progress | undefined;
  /** The server's own progress lines, made safe to print. */
  readonly onMessage?: ((line: string) => void) | undefined;
  /** For the logs of the tracking refs; without it none is written. */
  readonly reflog?: ReflogEntry | undefined;
  /** Called while the server makes the pack: time to get ready for what is done with it. */
  readonly whileWaiting?: (() => void) | undefined;
  /** A second thread for many objects; left out: one thread does it all. */
  readonly startReader?: StartEntryReader | undefined;
  /** Of all fetches of this repository; left out: there is no other at the same time. */
  readonly incoming?: IncomingTips | undefined;
  /** Awaited when everything is here and before any ref moves. */
  readonly beforeRefs?: (() => Promise<void>) | undefined;
};

/**
 * Tracking refs of branches that the remote no longer has go; local branches never do. Tags that are new here come
 * along when what they name is here; a tag that exists is never moved.
 * @throws LullError of the connection; `TRUNCATED`, `BAD_PACK`; `REF_LOCKED` and others of the refs
 */
export async function fetchBranches(input: FetchBranchesInput): Promise<FetchResult> {
  const { gitDirectory, store, signal } = input;
  const first = new LocalSide(input);
  const listing = input.listed?.listing ?? (await steppingThrough(listRefs(input.connection), first.look()));
  const { list } = listing;
  const branches = branchesOf(list);
  const { here, wants } = await findMissing(input, first, new Set(branches.values()));
  const { tips: local } = here;
  // Until the refs have moved, or something failed.
  using guard = new DisposableStack();
  const received = await receiveWhole(input, listing, { wants, here, guard });
  await input.beforeRefs?.();
  updateTracking({ gitDirectory, remote: input.remote, branches, reflog: input.reflog });
  await updateTags({ gitDirectory, list, store, complete: [...local, ...branches.values()], signal });
  return { refs: list.refs, head: list.head, objects: received.objects, bytes: received.bytes };
}

const NOTHING: Pick<IngestedPack, "objects" | "bytes"> = { objects: 0, bytes: 0 };

function branchesOf(list: RefList): ReadonlyMap<string, Oid> {
  const prefix = "refs/heads/";
  return new Map(
    [...list.refs]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, oid]) => [name.slice(prefix.length), oid]),
  );
}

type Missing = {
  /** As it was when they were looked for. */
  readonly here: LocalSide;
  readonly wants: readonly Oid[];
};

/** Finds what to ask for, once nobody else brings it. */
async function findMissing(
  input: FetchBranchesInput,
  first: LocalSide,
  tips: ReadonlySet<Oid>,
): Promise<Missing> {
  const { store, signal, incoming } = input;
  for (let here = first; ; here = new LocalSide(input)) {
    const { tips: local } = here;
    const wants = await missingTips(store, tips, { local, signal });
    const other = incoming?.bringing(wants, { knowsNothing: local.length === 0 });
    if (other === undefined) return { here, wants };
    await other;
    throwIfAborted(signal);
  }
}

type LocalContext = { readonly local: readonly Oid[]; readonly signal: AbortSignal };

/**
 * Decides which tips to ask for. An object that is here without a ref above it may lack its history (left over from
 * something that was interrupted), so it counts only after a look.
 */
async function missingTips(
  store: ObjectStore,
  tips: ReadonlySet<Oid>,
  { local, signal }: LocalContext,
): Promise<readonly Oid[]> {
  const complete = new Set(local);
  const wants: Oid[] = [];
  for (const tip of tips) {
    if (store.locate(tip) === undefined) wants.push(tip);
    else if (!complete.has(tip) && !(await isComplete(store, tip, { local, signal }))) wants.push(tip);
  }
  return wants;
}

async function isComplete(store: ObjectStore, tip: Oid, { local, signal }: LocalContext): Promise<boolean> {
  try {
    await checkConnectivity(store, [tip], local, signal);
    return true;
  } catch (error) {
    if (error instanceof LullError && error.code === "BAD_PACK") return false;
    throw error;
  }
}

type Wanted = {
  readonly wants: readonly Oid[];
  readonly here: LocalSide;
  /** Gets what keeps the new pack from a `git repack`. */
  readonly guard: DisposableStack;
};

/** What came is complete when this returns; fetches from elsewhere may wait for it, and not for the refs, which have an order. */
async function receiveWhole(
  input: FetchBranchesInput,
  listing: Listing,
  wanted: Wanted,
): Promise<typeof NOTHING> {
  const { wants, here } = wanted;
  if (wants.length === 0) return NOTHING;
  using _incoming = input.incoming?.begin(wants);
  const received = await receive(input, listing, wanted);
  const unproven = wants.filter((oid) => !received.isWhole(oid));
  await checkConnectivity(input.store, unproven, here.tips, input.signal);
  return received;
}

function receive(
  input: FetchBranchesInput,
  listing: Listing,
  { wants, here, guard }: Wanted,
): Promise<IngestedPack> {
  const { connection, store, signal, onProgress } = input;
  return fetchPack({
    connection,
    listing,
    wants,
    haves: here.haves(),
    receive: async (pack) =>
      guard.use(
        await ingestPack(store, pack, {
          doing: `fetch from ${connection.remote}`,
          signal,
          startReader: input.startReader,
          ...(onProgress === undefined ? {} : { onProgress }),
        }),
      ),
    onMessage: input.onMessage,
    whileWaiting: here.prepare(),
  });
}
