/**
 * Finds what changed in the work tree since the index was written: everywhere, or, when somebody watched the folders,
 * only where something may have changed.
 */
import { commonDirectory } from "../refs/common-directory.ts";
import { throwIfAborted } from "../../base/abort.ts";
import { parentPath, toFsPath } from "../paths.ts";
import { FolderLook } from "./folder-look.ts";
import { outerIgnoreScope, outerRuleTexts } from "./ignore-rules.ts";
import { findingsOutside, pathsToExamine } from "./remembered-scan.ts";
import { checkSameRoot, rootStat } from "./root-folder.ts";
import { readRuleFile } from "./rule-file.ts";
import { ScanWalk } from "./scan-walk.ts";
import { statPath } from "./stat.ts";
import type { RepoPath } from "../model.ts";
import type { WorkTreeChanges } from "./changes.ts";
import type { WorkTreeInput } from "./conversion.ts";
import type { OpenFolderStats } from "./folder-look.ts";
import type { IndexTable } from "./index-table.ts";
import type { RememberedScan } from "./remembered-scan.ts";
import type { ScanPartner } from "./scan-partner.ts";
import type { WalkInput } from "./scan-walk.ts";
import type { FileStat } from "./stat.ts";
import type { WorkTreeMemory } from "./work-tree-memory.ts";

export type ScanInput = WorkTreeInput & {
  readonly index: IndexTable;
  readonly signal?: AbortSignal | undefined;
  readonly openFolderStats?: OpenFolderStats | undefined;
  /** Of this repository alone; left out: nothing is remembered. */
  readonly memory?: WorkTreeMemory | undefined;
  /** Of this repository alone; left out: one thread does it all. */
  readonly partner?: ScanPartner | undefined;
  /** See `Repository.scan`. */
  readonly hints?: readonly RepoPath[] | undefined;
};

/** The paths behind `refreshed` are there for `stagePaths`, which renews their stat data. */
export type ScanResult = WorkTreeChanges & { readonly refreshedPaths: readonly RepoPath[] };

/**
 * @throws LullError `FOLDER_MISSING` (kind `guard`) when the top folder is gone, no folder, unreadable, or was
 *   replaced during the scan: that is never "everything was deleted"
 */
export function scanWorkTree(input: ScanInput): ScanResult {
  const { root, index, memory } = input;
  const before = rootStat(root);
  const look = new FolderLook(root, input.openFolderStats?.(root));
  const last = memory?.last;
  try {
    const outside = rulesOutside(input, before);
    memory?.begin(outside.circumstances);
    throwIfAborted(input.signal);
    const scan = { ...input, look, device: before.data.device, memory, signal: input.signal };
    const found = scanHinted(scan, last) ?? scanAll(scan, outside.texts);
    checkSameRoot(root, before);
    if (memory !== undefined)
      memory.last = { ...found, index, revision: index.revision, circumstances: outside.circumstances };
    const { changes, skipped, refreshed } = found;
    return {
      changes,
      skipped,
      refreshed: refreshed.length,
      tracked: index.count,
      refreshedPaths: refreshed,
    };
  } finally {
    look.close();
  }
}

type Scan = ScanInput & WalkInput;
type Findings = Omit<RememberedScan, "index" | "revision" | "circumstances">;

function scanAll(scan: Scan, texts: readonly (string | undefined)[]): Findings {
  const { index, memory, settings, partner } = scan;
  const scope = memory?.outerScope ?? outerIgnoreScope(texts, settings.ignoreCase);
  if (memory !== undefined) memory.outerScope = scope;
  const help = partner?.begin(index, settings.fileMode);
  try {
    const walk = new ScanWalk({ ...scan, help });
    walk.walk({ path: "", from: 0, to: index.count, scope, isExcluded: false });
    return findings(walk, []);
  } finally {
    help?.end();
  }
}

/** Undefined: everything has to be looked at. */
function scanHinted(scan: Scan, last: RememberedScan | undefined): Findings | undefined {
  const { hints, root, index, memory } = scan;
  if (hints === undefined || memory === undefined || last?.index !== index) return undefined;
  if (last.revision !== index.revision) return undefined;
  if (last.circumstances !== memory.circumstances) return undefined;
  const paths = pathsToExamine([...hints, ...last.racy], {
    scopes: memory.scopes,
    index,
    isFolder: (path) => isRealFolder(toFsPath(root, path)),
  });
  if (paths === undefined) return undefined;
  const walk = new ScanWalk(scan);
  for (const path of paths) {
    const around = memory.scopes.get(parentPath(path));
    if (around === undefined) return undefined;
    walk.examine(path, around);
  }
  return findings(walk, paths, last);
}

/** What the walk found, and about all other paths what was found before. */
function findings(walk: ScanWalk, examined: readonly RepoPath[], before?: RememberedScan): Findings {
  const kept = before === undefined ? undefined : findingsOutside(examined, before);
  return {
    changes: [...(kept?.changes ?? []), ...walk.changes].sort(byPath),
    skipped: [...(kept?.skipped ?? []), ...walk.skipped].sort(byPath),
    refreshed: [...(kept?.refreshed ?? []), ...walk.refreshed].sort(),
    racy: walk.racy,
  };
}

type Outside = { readonly texts: readonly (string | undefined)[]; readonly circumstances: string };

/** All that bears on a scan and lies outside the work tree. */
function rulesOutside({ gitDirectory, settings }: ScanInput, root: FileStat): Outside {
  const { excludesFile, attributesFile } = settings;
  const texts = outerRuleTexts({ gitDirectory, excludesFile });
  const attributes = [attributesFile, `${commonDirectory(gitDirectory)}/info/attributes`].map((file) =>
    file === undefined ? undefined : readRuleFile(file, "follow"),
  );
  const { device, inode } = root.data;
  const filters = [...settings.filters];
  return {
    texts,
    circumstances: JSON.stringify([device, inode, { ...settings, filters }, texts, attributes]),
  };
}

function isRealFolder(path: string | Buffer): boolean {
  try {
    return statPath(path)?.kind === "directory";
  } catch {
    return false;
  }
}

function byPath(a: { readonly path: RepoPath }, b: { readonly path: RepoPath }): number {
  return a.path < b.path ? -1 : 1;
}
