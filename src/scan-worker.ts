/** The thread that looks at files beside the one that scans (`git/worktree/scan-partner.ts`); an entry of its own in the binary. */
import { FolderLook } from "./git/worktree/folder-look.ts";
import { SharedScan } from "./git/worktree/shared-scan.ts";
import { openFolderStats } from "./platform/folder-stats.ts";
import type { ScanOrder } from "./git/worktree/scan-partner.ts";

let last: SharedScan | undefined;

addEventListener("message", ({ data: { shared, scan, root } }: MessageEvent<ScanOrder>) => {
  if (last?.shared !== shared) last = new SharedScan(shared);
  const look = new FolderLook(root, openFolderStats(root));
  try {
    last.serve(scan, look);
  } finally {
    look.close();
  }
});
