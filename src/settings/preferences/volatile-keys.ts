/**
 * Keys that AppKit and Sparkle write by themselves, into any app's domain: where windows were, which folder was open last,
 * when an update was looked for. Each sync would have something to commit, and another screen has no use for it.
 */
const VOLATILE =
  /^(?:NSWindow Frame |NSSplitView Subview Frames |NSNav(?:Last|Panel|Open|Save)|NSOSPLastRootDirectory$|SULast|SUHasLaunchedBefore$|SUUpdateGroupIdentifier$)/;

/** @param key as the property list has it, a top one */
export function isVolatile(key: string): boolean {
  return VOLATILE.test(key);
}
