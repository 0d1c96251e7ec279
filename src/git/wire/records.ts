/**
 * Small records in a remote that belong to no branch: a line of commits without files for each writer, under
 * `refs/lull/devices/<id>`. What a remote had last is kept under `refs/lull/remotes/<remote>/<id>`. An ordinary clone or
 * fetch does not bring them, and `git log` does not show them.
 */
import type { PushResult } from "../git.ts";
import { checkConnectivity } from "../history/connectivity.ts";
import type { Oid, Signature } from "../model.ts";
import { serializeCommit } from "../objects/commit-object.ts";
import { ingestPack } from "../objects/ingest-pack.ts";
import { openObjectBatch } from "../objects/object-batch.ts";
import { HERE, recordHere } from "../records-here.ts";
import type { RepositoryParts } from "../repository-parts.ts";
import type { Connection } from "../../transport/transport.ts";
import { fetchPack } from "./fetch-pack.ts";
import { listRefs } from "./list-refs.ts";
import { LocalSide } from "./local-side.ts";
import { pushPack } from "./push-pack.ts";
import { moveTracking } from "./tracking-refs.ts";

const THERE = "refs/lull/devices/";

/** More writers than this are no devices of a person or a team. */
const MOST_RECORDS = 1000;

/** The last word of one writer. */
export type RecordLine = {
  readonly oid: Oid;
  readonly message: string;
  /** Milliseconds since 1970 UTC. */
  readonly at: number;
};

export type RecordPlace = {
  readonly connection: Connection;
  /** The remote's name, as in `refs/remotes/<name>/*`. */
  readonly remote: string;
  readonly signal: AbortSignal;
};

/** @throws LullError as a fetch does */
export async function fetchRecords(parts: RepositoryParts, place: RecordPlace): Promise<void> {
  const { connection, remote, signal } = place;
  const { store, gitDirectory } = parts;
  const listing = await listRefs(connection, [THERE]);
  const records = [...listing.list.refs].filter(([name]) => name.startsWith(THERE)).slice(0, MOST_RECORDS);
  const wants = [...new Set(records.map(([, oid]) => oid))].filter((oid) => store.locate(oid) === undefined);
  const here = new LocalSide({ gitDirectory, remote, store, signal });
  using guard = new DisposableStack();
  if (wants.length > 0) {
    await fetchPack({
      connection,
      listing,
      wants,
      haves: here.haves(),
      receive: async (pack) =>
        guard.use(await ingestPack(store, pack, { doing: `fetch from ${connection.remote}`, signal })),
    });
    await checkConnectivity(store, wants, here.tips, signal);
  }
  for (const [name, next] of records)
    moveTracking(gitDirectory, {
      name: `${HERE}${remote}/${name.slice(THERE.length)}`,
      next,
      reflog: undefined,
    });
}

export type RecordInput = RecordPlace & {
  readonly id: string;
  readonly message: string;
  readonly author: Signature;
};

/**
 * Puts a record upon the last one of this id.
 * @throws LullError as a push does; `FORBIDDEN` where the server takes no such refs
 */
export async function pushRecord(parts: RepositoryParts, input: RecordInput): Promise<PushResult> {
  const first = await pushUpon(parts, input);
  if (first.kind !== "behind") return first;
  await fetchRecords(parts, input);
  return pushUpon(parts, input);
}

async function pushUpon(parts: RepositoryParts, input: RecordInput): Promise<PushResult> {
  const { store, clock, gitDirectory } = parts;
  const { connection, remote, id, message, author, signal } = input;
  const last = recordHere(parts, remote, id);
  const batch = openObjectBatch(store, { clock });
  try {
    const commit = batch.write(
      "commit",
      serializeCommit({
        tree: batch.write("tree", new Uint8Array(0)),
        parents: last === undefined ? [] : [last.oid],
        author,
        committer: author,
        message,
      }),
    );
    batch.finish();
    const result = await pushPack({ connection, store, ref: THERE + id, commit, signal });
    if (result.kind !== "behind")
      moveTracking(gitDirectory, { name: `${HERE}${remote}/${id}`, next: commit, reflog: undefined });
    return result;
  } finally {
    batch.discard();
  }
}
