/** For root nothing is read-only or unreadable: as root, work is done as somebody else. */
import { chmodSync, chownSync } from "node:fs";
import { dirname } from "node:path";

const ORDINARY_USER = 4242;

/** @param paths become that user's; the folder above the first is opened, as the way leads through it */
export async function asOrdinaryUser(paths: readonly string[], work: () => Promise<void>): Promise<void> {
  if (process.getuid?.() !== 0) return work();
  for (const path of paths) chownSync(path, ORDINARY_USER, ORDINARY_USER);
  const above = dirname(paths[0] ?? "");
  chmodSync(above, 0o711);
  process.seteuid?.(ORDINARY_USER);
  try {
    await work();
  } finally {
    process.seteuid?.(0);
    chmodSync(above, 0o700);
  }
}
