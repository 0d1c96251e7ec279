import { safeText } from "../../base/safe-text.ts";

/** Why `lull logs` shows nothing. */
export function emptyLogLine(asked: {
  /** Whether the log holds anything at all. */
  readonly hasAny: boolean;
  readonly source: string | undefined;
  readonly isFiltered: boolean;
  readonly follow: boolean;
}): string {
  const { hasAny, source, isFiltered, follow } = asked;
  if (!hasAny) {
    return follow
      ? "The log is empty: no daemon has run yet. Waiting for one; Ctrl-C ends this."
      : "The log is empty: no daemon has run yet. Next: lull daemon run";
  }
  if (source !== undefined) return `The log has no such entries of "${safeText(source)}".`;
  return isFiltered ? "The log has no such entries." : "The log has no entries of this level.";
}
