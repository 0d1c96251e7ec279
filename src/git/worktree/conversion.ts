/**
 * What happens to content between a file and its object: line ends are converted, and everything that needs a
 * program or a table that lull does not have (`filter`, `ident`, `working-tree-encoding`) is refused, path by path.
 */
import { MODE } from "../model.ts";
import { joinPath, toFsPath } from "../paths.ts";
import { openAttributes } from "./attributes.ts";
import { EOL_ATTRIBUTES, eolRule, toRepositoryEol, toWorkTreeEol } from "./eol.ts";
import { readRuleFile, ruleText } from "./rule-file.ts";
import type { ObjectReader, RepoPath } from "../model.ts";
import type { Attributes, PathAttributes } from "./attributes.ts";
import type { EolRule } from "./eol.ts";
import type { GitIndex } from "./index-model.ts";
import type { WorkTreeSettings } from "./settings.ts";

export type Conversion = {
  readonly attributes: Attributes;
  /** Both return the same array when nothing is to be converted. */
  toRepository(bytes: Uint8Array, path: RepoPath): Uint8Array;
  toWorkTree(bytes: Uint8Array, path: RepoPath): Uint8Array;
  rule(path: RepoPath): EolRule;
  /** The attribute because of which lull does not carry this path, e.g. `filter=lfs`. */
  refusal(path: RepoPath): string | undefined;
};

export type ConversionInput = {
  readonly attributes: Attributes;
  readonly settings: Pick<WorkTreeSettings, "autocrlf" | "eol" | "filters">;
  /** The content that the index holds for a path. */
  readonly stored: (path: RepoPath) => Uint8Array | undefined;
};

export function createConversion({ attributes, settings, stored }: ConversionInput): Conversion {
  const lineEnds = attributes.only(EOL_ATTRIBUTES);
  const refusing = attributes.only(REFUSED);
  const rule = (path: RepoPath): EolRule => eolRule(lineEnds.of(path), settings);
  return {
    attributes,
    rule,
    toRepository: (bytes, path) => toRepositoryEol(bytes, rule(path), () => stored(path)),
    toWorkTree: (bytes, path) => toWorkTreeEol(bytes, rule(path)),
    refusal: (path) => refusalOf(refusing.of(path), settings.filters),
  };
}

export type WorkTreeInput = {
  /** The work tree's top folder, absolute, without a trailing slash. */
  readonly root: string;
  readonly gitDirectory: string;
  readonly index: GitIndex;
  readonly objects: ObjectReader;
  readonly settings: WorkTreeSettings;
  /** Rule files that are about to leave the index with their file: they no longer stand in for it. */
  readonly isLeaving?: (path: RepoPath) => boolean;
};

/** The conversion for the way in: `.gitattributes` of the work tree, or of the index where the file is missing. */
export function workTreeConversion(input: WorkTreeInput): Conversion {
  const { root, gitDirectory, settings } = input;
  const attributes = openAttributes({
    gitDirectory,
    attributesFile: settings.attributesFile,
    ignoreCase: settings.ignoreCase,
    read(directory) {
      const path = joinPath(directory, ".gitattributes");
      const text = readRuleFile(toFsPath(root, path), "refuse");
      return text !== undefined || input.isLeaving?.(path) === true ? text : storedRules(input, path);
    },
  });
  return createConversion({ attributes, settings, stored: (path) => storedBlob(input, path) });
}

/** The text of a rule file as the index has it. */
export function storedRules(
  input: Pick<WorkTreeInput, "index" | "objects">,
  path: RepoPath,
): string | undefined {
  const bytes = storedBlob(input, path);
  return bytes === undefined ? undefined : ruleText(bytes);
}

function storedBlob(input: Pick<WorkTreeInput, "index" | "objects">, path: RepoPath): Uint8Array | undefined {
  const position = input.index.find(path);
  if (position < 0) return undefined;
  const { mode, oid } = input.index.versionAt(position);
  if (mode !== MODE.file && mode !== MODE.executable) return undefined;
  return input.objects.has(oid) ? input.objects.read(oid).bytes : undefined;
}

const REFUSED = ["filter", "working-tree-encoding", "ident"];

/**
 * Drivers without which a file must not be carried even where nobody configured them: the repository would get the
 * content that LFS keeps out of it, or the secret that the others encrypt. Any other driver that is not configured
 * does nothing, in git as here.
 */
const ALWAYS_REFUSED = /^(?:lfs|git-crypt(?:-.*)?|crypt|transcrypt|git-annex|annex)$/;

function refusalOf(attributes: PathAttributes, filters: ReadonlySet<string>): string | undefined {
  for (const name of REFUSED) {
    const state = attributes.get(name);
    if (state === undefined || state === false) continue;
    if (name === "filter" && typeof state === "string" && !filters.has(state) && !ALWAYS_REFUSED.test(state))
      continue;
    // Git takes UTF-8 as "no conversion" too.
    if (name === "working-tree-encoding" && /^utf-?8$/i.test(String(state))) continue;
    // `filter` and `working-tree-encoding` mean something with a value only, `ident` without one only.
    if ((state === true) === (name === "ident")) return state === true ? name : `${name}=${state}`;
  }
  return undefined;
}
