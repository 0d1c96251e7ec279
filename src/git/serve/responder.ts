/**
 * The other side of the wire: `upload-pack` and `receive-pack` for a repository of this machine, in this process and
 * without git. This folder owns what is shown, given out and accepted; how packets look is `git/wire`'s, and who
 * connects is not its business. Hooks of the served repository are never run.
 */
import type { Clock } from "../../base/clock.ts";
import { systemClock } from "../../base/clock.ts";
import type { ServiceResponder } from "../../transport/transport.ts";
import { breakAbandonedLocks } from "../refs/lock-marks.ts";
import type { RefSnapshot } from "./advertise.ts";
import { advertiseReceivePack, advertiseUploadPack, snapshotRefs } from "./advertise.ts";
import { answerReceivePack } from "./receive-pack.ts";
import { openServedRepository } from "./served-repository.ts";
import { answerUploadPack } from "./upload-pack.ts";

export type ResponderOptions = { readonly clock?: Clock };

/**
 * Speaks protocol version 0, whatever was asked for: within one machine the longer list costs nothing.
 * @param directory a bare repository, or a work tree with its `.git` folder
 * @throws LullError `REPO_NOT_FOUND`, `UNSUPPORTED`
 */
export function createResponder(directory: string, options: ResponderOptions = {}): ServiceResponder {
  const repository = openServedRepository(directory);
  const clock = options.clock ?? systemClock;
  let advertised: RefSnapshot = { refs: new Map() };
  return {
    async advertise(service) {
      breakAbandonedLocks(repository.gitDirectory);
      advertised = snapshotRefs(repository);
      const list =
        service === "git-upload-pack"
          ? advertiseUploadPack(repository, advertised)
          : advertiseReceivePack(advertised);
      repository.store.close();
      return only(list);
    },
    async respond(service, request) {
      if (service === "git-upload-pack") {
        return closing(answerUploadPack(repository, advertised, request), () => repository.store.close());
      }
      try {
        return only(await answerReceivePack(repository, request, clock));
      } finally {
        repository.store.close();
      }
    },
  };
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}

/** Packs stay open while they are read from; Windows does not let `git gc` remove an open file. */
async function* closing(stream: AsyncGenerator<Uint8Array>, close: () => void): AsyncGenerator<Uint8Array> {
  try {
    yield* stream;
  } finally {
    close();
  }
}
