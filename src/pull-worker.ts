/** The thread that helps the one that fetches and checks out (`git/pull-help.ts`); an entry of its own in the binary. */
import { EntryFeed } from "./git/objects/entry-feed.ts";
import { PackFile, WHOLE_FILE_WINDOW } from "./git/objects/pack-file.ts";
import type { PullOrder } from "./git/pull-help.ts";

addEventListener("message", ({ data }: MessageEvent<PullOrder>) => {
  new EntryFeed(data.shared).serve(() => PackFile.open(data.path, WHOLE_FILE_WINDOW));
});
