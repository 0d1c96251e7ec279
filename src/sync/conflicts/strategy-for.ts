import type { ConflictRule, ConflictStrategy } from "../../config/config.ts";
import type { RepoPath } from "../../git/model.ts";
import { baseName, displayPath } from "../../git/paths.ts";

/**
 * The strategy of the first rule whose glob matches. A glob without a slash is about names in any folder, as in
 * `.gitignore`; one with a slash is about the whole path.
 */
export function strategyFor(rules: readonly ConflictRule[], path: RepoPath): ConflictStrategy {
  const rule = rules.find(({ glob }) => matches(glob, path));
  return rule?.strategy ?? "keep-both";
}

function matches(glob: string, path: RepoPath): boolean {
  const anchored = glob.startsWith("/") ? glob.slice(1) : glob;
  const subject = glob.includes("/") ? path : baseName(path);
  return glob === "**" || new Bun.Glob(anchored).match(displayPath(subject));
}
