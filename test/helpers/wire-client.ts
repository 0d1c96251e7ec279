/** A clone made of the engine's parts, for tests of the wire: fetch and push against a URL or a folder. */
import { systemClock } from "../../src/base/clock.ts";
import type { FetchResult, PushResult } from "../../src/git/git.ts";
import type { ObjectStore } from "../../src/git/objects/object-store.ts";
import { openObjectStore } from "../../src/git/objects/object-store.ts";
import { createResponder } from "../../src/git/serve/responder.ts";
import { fetchBranches } from "../../src/git/wire/fetch.ts";
import { pushBranch } from "../../src/git/wire/push.ts";
import type { CredentialProvider } from "../../src/base/credential.ts";
import { createTransport } from "../../src/transport/open-transport.ts";
import type { Connection } from "../../src/transport/transport.ts";

export type WireClient = {
  readonly store: ObjectStore;
  fetch(messages?: string[]): Promise<FetchResult>;
  push(ref: string, commit: string, messages?: string[]): Promise<PushResult>;
};

export function openConnection(
  url: string,
  options: { readonly credentials?: CredentialProvider; readonly signal?: AbortSignal } = {},
): Promise<Connection> {
  const transport = createTransport({
    credentials: options.credentials ?? (async () => undefined),
    createResponder,
    clock: systemClock,
  });
  return transport.open(url, { signal: options.signal ?? new AbortController().signal });
}

/**
 * @param directory a work tree with `.git`; the remote is named `origin`
 * @param connect how the remote is reached; default: as `openConnection` does
 */
export function wireClient(
  directory: string,
  url: string,
  signal = new AbortController().signal,
  connect: (url: string, signal: AbortSignal) => Promise<Connection> = (address) =>
    openConnection(address, { signal }),
): WireClient {
  const gitDirectory = `${directory}/.git`;
  const store = openObjectStore(gitDirectory);
  const common = { remote: "origin", gitDirectory, store, signal };
  return {
    store,
    async fetch(messages) {
      const connection = await connect(url, signal);
      try {
        return await fetchBranches({
          ...common,
          connection,
          onMessage: messages && ((line) => messages.push(line)),
        });
      } finally {
        await connection.close();
        store.close();
      }
    },
    async push(ref, commit, messages) {
      const connection = await connect(url, signal);
      try {
        return await pushBranch({
          ...common,
          connection,
          ref,
          commit,
          onMessage: messages && ((line) => messages.push(line)),
        });
      } finally {
        await connection.close();
        store.close();
      }
    },
  };
}
