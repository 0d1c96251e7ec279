// The build replaces this word by a literal (`--define`); from source it does not exist.
declare const LULL_SOURCES: string;

/**
 * Names this very program: a hash of all it is built from, with the runtime's version. What one build has worked out
 * may be believed by the same build only. Undefined when run from source, where the next edit changes it unseen.
 */
export function buildId(): string | undefined {
  return typeof LULL_SOURCES === "string" ? `${LULL_SOURCES} bun ${Bun.version} ${Bun.revision}` : undefined;
}
