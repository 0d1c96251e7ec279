/** What a restore would do: each file of the repository against what stands in its place in the home. Reads only. */
import { lstatSync } from "node:fs";

import { LullError, systemCode } from "../base/errors.ts";
import type { FileVersion, RepoPath } from "../git/model.ts";
import { MODE } from "../git/model.ts";
import { displayPath } from "../git/paths.ts";
import { type Cipher, SEALED, withoutSeal } from "./cipher.ts";
import { type Content, readContent } from "./content.ts";
import { ownNameOf } from "./copy-name.ts";
import type { Modes } from "./modes-file.ts";
import { isPreferencesCopy } from "./preferences/preferences.ts";
import type { Selection } from "./selection.ts";
import type { Variants } from "./variants.ts";

/** A file as the repository has it, ready to be written. */
export type Wanted = Pick<Content, "bytes" | "isLink" | "mode"> & {
  /** When it was changed, milliseconds since 1970 UTC; undefined: the copy does not tell. */
  readonly changedAt?: number | undefined;
};

export type PlannedFile = {
  /** Absolute path. */
  readonly path: string;
  /** The name of the copy without the mark of encryption, as text: the key of what was gathered. */
  readonly copy: string;
  /** In the repository, as it stands there. */
  readonly name: RepoPath;
  readonly app: string | undefined;
  readonly version: FileVersion;
  /** The folder of the repository that stands for one of this machine: `home`, `apps/git`. */
  readonly folder: string;
  readonly isSealed: boolean;
  readonly outside: boolean;
} & (
  | { readonly is: "same"; readonly wanted: Wanted; readonly here: Content }
  | { readonly is: "only-there"; readonly wanted: Wanted; readonly here: undefined }
  | { readonly is: "different"; readonly wanted: Wanted; readonly here: Content }
  /** It can not be read, here or there. */
  | { readonly is: "unknown"; readonly reason: string }
);

export type RestorePlanInput = {
  /** All files of the repository's state, by path. */
  readonly versions: ReadonlyMap<RepoPath, FileVersion>;
  readonly readBlob: (oid: string) => Uint8Array;
  /** When the copy was changed, in milliseconds, where it lies in the managed folder as this version. */
  readonly changedAt: (name: RepoPath, version: FileVersion) => number | undefined;
  readonly modes: Modes;
  /** Where copies belong; of several the first. */
  readonly selections: readonly Selection[];
  readonly home: string;
  readonly variants: Variants;
  readonly cipher: Cipher | undefined;
  readonly hasModes: boolean;
  /** Which are asked for, by their places in the home; left out: all. */
  readonly isAskedFor?: ((path: string, copy: string) => boolean) | undefined;
  readonly signal: AbortSignal;
};

export async function planRestore(input: RestorePlanInput): Promise<readonly PlannedFile[]> {
  const planned: PlannedFile[] = [];
  for (const { name, version, place } of mostSpecial(input)) {
    input.signal.throwIfAborted();
    if (input.isAskedFor?.(place.path, place.copy) === false) continue;
    planned.push(await compare(input, { ...place, name, version }));
  }
  return planned.sort((a, b) => (a.path < b.path ? -1 : 1));
}

export type Place = Pick<PlannedFile, "path" | "copy" | "app" | "folder" | "isSealed" | "outside">;

type Placed = { readonly name: RepoPath; readonly version: FileVersion; readonly place: Place };

/** Of a file and its variants the one that is this machine's. */
function mostSpecial(input: RestorePlanInput): readonly Placed[] {
  const best = new Map<string, Placed & { readonly rank: number }>();
  for (const [name, version] of input.versions) {
    const found = placeOf(input, name);
    if (found === undefined) continue;
    const { rank, ...place } = found;
    if (rank >= (best.get(place.copy)?.rank ?? 0)) best.set(place.copy, { name, version, place, rank });
  }
  return [...best.values()];
}

/** Where a file of the repository belongs; undefined: nowhere here. */
export function placeOf(
  { selections, home, variants }: Pick<RestorePlanInput, "selections" | "home" | "variants">,
  name: RepoPath,
): (Place & { readonly rank: number }) | undefined {
  const text = displayPath(name);
  const isSealed = text.endsWith(SEALED);
  const variant = variants.copyOf(withoutSeal(text));
  if (variant === undefined) return undefined;
  const { copy, rank } = variant;
  const selection = selections.find(({ folder }) => copy.startsWith(`${folder}/`));
  if (selection === undefined || (isPreferencesCopy(copy) && selection.staged !== true)) return undefined;
  const path = `${selection.root}/${ownNameOf(copy.slice(selection.folder.length + 1))}`;
  const { app, folder, staged = false } = selection;
  return { rank, path, copy, app, folder, isSealed, outside: !staged && !path.startsWith(`${home}/`) };
}

async function compare(
  input: RestorePlanInput,
  place: Place & Pick<PlannedFile, "name" | "version">,
): Promise<PlannedFile> {
  try {
    const wanted = await contentOf(input, place);
    const here = readContent(place.path);
    if (here === undefined) {
      const reason = inTheWay(place.path);
      return reason === undefined
        ? { ...place, is: "only-there", wanted, here }
        : { ...place, is: "unknown", reason };
    }
    return { ...place, is: isAlike(wanted, here, input.hasModes) ? "same" : "different", wanted, here };
  } catch (error) {
    if (error instanceof LullError && error.kind === "interrupted") throw error;
    return { ...place, is: "unknown", reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Neither is taken away for a file that comes back: a person moves it, and restores again. */
function inTheWay(path: string): string | undefined {
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory() === true) return "a folder stands in its place; move it away and restore again";
    return stat === undefined ? undefined : "something that is no file stands in its place";
  } catch (error) {
    if (systemCode(error) !== "ENOTDIR") throw error;
    return "a file stands where its folder should be; move it away and restore again";
  }
}

async function contentOf(
  { readBlob, changedAt, modes, cipher }: RestorePlanInput,
  { name, version, isSealed }: Place & Pick<PlannedFile, "name" | "version">,
): Promise<Wanted> {
  const stored = readBlob(version.oid);
  const time = changedAt(name, version);
  if (version.mode === MODE.symlink) return { bytes: stored, isLink: true, mode: 0o777, changedAt: time };
  const mode =
    modes.get(withoutSeal(displayPath(name))) ?? (version.mode === MODE.executable ? 0o755 : 0o644);
  if (!isSealed) return { bytes: stored, isLink: false, mode, changedAt: time };
  if (cipher === undefined) {
    throw new LullError({
      kind: "failed",
      code: "NO_IDENTITY",
      message: "it is encrypted, and this device has no key",
      hint: "`lull secret recover` takes the recovery key",
    });
  }
  return { bytes: await cipher.decrypt(stored), isLink: false, mode, changedAt: time };
}

function isAlike(wanted: Wanted, here: Content, hasModes: boolean): boolean {
  if (wanted.isLink !== here.isLink || Buffer.compare(wanted.bytes, here.bytes) !== 0) return false;
  return wanted.isLink || !hasModes || wanted.mode === (here.mode & 0o777);
}
