/** A push that is on its way while it is still being read, over any way to a remote. */
import { existsSync, readdirSync, renameSync, statSync } from "node:fs";

import type { ByteStream } from "../../../src/transport/transport.ts";
import { git } from "../../helpers/system-git.ts";
import type { Way } from "./functional.ts";

/** In bytes. HTTP sends what is smaller in one piece, with its length before it. */
const HELD_AFTER = 4_000_000;

/**
 * The same way, on which a push is held after its first megabytes until the server has some of them, and only then gets
 * the last object that it is to send. A pack that were made whole, or gathered whole by the transport, would never leave.
 * @param last file of the commit that is about to be pushed
 */
export function heldAfterItsFirstBytes(way: Way, tree: string, bare: string, last: string): Way {
  const oid = git(tree, "rev-parse", `HEAD:${last}`);
  const object = `${tree}/.git/objects/${oid.slice(0, 2)}/${oid.slice(2)}`;
  renameSync(object, `${object}.away`);
  const held = async function* (request: ByteStream): AsyncGenerator<Uint8Array> {
    let bytes = 0;
    let isHeld = true;
    for await (const piece of request) {
      bytes += piece.length;
      yield piece;
      if (bytes < HELD_AFTER || !isHeld) continue;
      await arrival(bare);
      renameSync(`${object}.away`, object);
      isHeld = false;
    }
  };
  return {
    url: way.url,
    connect: async (url, signal) => {
      const connection = await way.connect(url, signal);
      const exchange = connection.exchange.bind(connection);
      connection.exchange = (service, request) =>
        exchange(service, service === "git-receive-pack" ? held(request) : request);
      return connection;
    },
  };
}

/** Waits until the server has written some of a pack that is not complete yet. */
async function arrival(bare: string): Promise<void> {
  for (let look = 0; look < 2000; look++) {
    if (incomingPacks(bare).some((path) => statSync(path).size > 0)) return;
    await Bun.sleep(10);
  }
  throw new Error("nothing has arrived at the server while the push is held");
}

/** Git's quarantine and lull's own. */
function incomingPacks(bare: string): readonly string[] {
  return [`${bare}/objects`, `${bare}/lull/tmp`]
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" }).map((path) => `${folder}/${path}`),
    )
    .filter((path) => /\/incoming-[^/]+\/(?:pack$|.*tmp_pack_)|\/tmp_objdir-incoming.*tmp_pack_/.test(path));
}
