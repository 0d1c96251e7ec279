import { type Finding, markOf } from "./guards.ts";

export type EmptiedFacts = {
  readonly deleted: number;
  readonly tracked: number;
  /** Files that are new. */
  readonly added: number;
};

/**
 * Nothing is left but `.git`: a file system that is not mounted over the folder, or a tool that wiped it. No config
 * switches this off, and no percentage counts: of nothing there is nothing to sync.
 */
export function emptiedFolder({ deleted, tracked, added }: EmptiedFacts): Finding | undefined {
  // One single file that goes is a deletion as any other.
  if (tracked < 2 || deleted < tracked || added > 0) return undefined;
  return {
    guard: "emptied",
    message: `the folder is empty: all of its ${tracked} files are gone`,
    causes: ["its drive or share is not mounted", "it was emptied by mistake"],
    mark: markOf("emptied", [String(tracked)]),
    figures: { deleted, of: tracked },
    heals: true,
  };
}
