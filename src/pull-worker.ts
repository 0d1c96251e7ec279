/** The thread that helps the one that fetches and checks out (`git/pull-help.ts`); an entry of its own in the binary. */
import { FileOrders } from "./git/checkout/file-orders.ts";
import { EntryFeed } from "./git/objects/entry-feed.ts";
import { openObjectStore } from "./git/objects/object-store.ts";
import { PackFile, WHOLE_FILE_WINDOW } from "./git/objects/pack-file.ts";
import type { PullOrder } from "./git/pull-help.ts";

addEventListener("message", ({ data: order }: MessageEvent<PullOrder>) => {
  if (order.kind === "entries") {
    new EntryFeed(order.shared).serve(() => PackFile.open(order.path, WHOLE_FILE_WINDOW));
    return;
  }
  const store = openObjectStore(order.gitDirectory);
  try {
    new FileOrders(order.shared).serve({ ...order, store });
  } finally {
    store.close();
  }
});
