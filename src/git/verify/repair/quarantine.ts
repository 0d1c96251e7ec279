import { mkdirSync, rmSync } from "node:fs";

import type { Connection } from "../../../transport/transport.ts";
import { ingestPack } from "../../objects/ingest-pack.ts";
import { makeTemporaryDirectory } from "../../objects/install-pack.ts";
import { type ObjectStore, openObjectStore } from "../../objects/object-store.ts";
import { fetchPack } from "../../wire/fetch-pack.ts";
import { listRefs } from "../../wire/list-refs.ts";
import type { VerifyInput } from "../verify-result.ts";

/** All that a remote has, verified, apart from the repository; gone when it is disposed of. */
export type Quarantine = Disposable & {
  readonly store: ObjectStore;
};

/** Fetches as if nothing were here: what is here may have holes that no server can know of. */
export async function fetchAll(
  gitDirectory: string,
  connection: Connection,
  { signal, onProgress }: VerifyInput,
): Promise<Quarantine> {
  const directory = makeTemporaryDirectory(gitDirectory, "rescue");
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  try {
    mkdirSync(`${directory}/objects/pack`, { recursive: true, mode: 0o700 });
    const store = openObjectStore(directory);
    const listing = await listRefs(connection);
    const wants = [...new Set(listing.list.refs.values())];
    if (wants.length > 0) {
      await fetchPack({
        connection,
        listing,
        wants,
        haves: [],
        receive: async (pack) => {
          const doing = `fetch from ${connection.remote}`;
          using _ = await ingestPack(store, pack, {
            doing,
            signal,
            ...(onProgress === undefined ? {} : { onProgress }),
          });
        },
      });
    }
    const dispose = (): void => {
      store.close();
      remove();
    };
    return { store, [Symbol.dispose]: dispose };
  } catch (error) {
    remove();
    throw error;
  }
}
