/** Lines of the config are printed and may be logged; what stands behind a secret's key or in a URL is nobody's business. */
import { type Document, isAlias, isCollection, isScalar, visit } from "yaml";

export type Range = readonly [start: number, end: number];

export function isSecretKey(key: string): boolean {
  return /password|passphrase|token|secret|api_?key/i.test(key);
}

/** Where the values of secret keys stand, also over several lines, and the names of aliases without an anchor. */
export function secretRanges(document: Document): readonly Range[] {
  const ranges: Range[] = [];
  const anchors = new Set<string>();
  visit(document, {
    Value(_, node) {
      if (node.anchor !== undefined) anchors.add(node.anchor);
    },
    Pair(_, { key, value }) {
      // A `credential` names where the secret is; who writes it there itself has made a mistake that is not to be shown.
      const isBare = isScalar(key) && key.value === "credential" && isScalar(value);
      const secret = isBare || (isScalar(key) && isSecretKey(String(key.value)));
      if (!secret || !(isScalar(value) || isCollection(value) || isAlias(value))) return;
      if (value.range !== null && value.range !== undefined) ranges.push([value.range[0], value.range[1]]);
    },
    Alias(_, alias) {
      // A password that begins with a star is taken for an alias; so is the first field of a cron expression.
      if (/^(?:\/[\d,/-]*)?$/.test(alias.source)) return;
      if (alias.range !== null && alias.range !== undefined && !anchors.has(alias.source))
        ranges.push([alias.range[0] + 1, alias.range[1]]);
    },
  });
  return ranges;
}

/**
 * Returns a line with each secret's characters as stars and every other character at its place.
 * @param start where the line begins in the text that the ranges belong to
 */
export function maskLine(line: string, start: number, ranges: readonly Range[]): string {
  let masked = line;
  for (const [from, to] of ranges) {
    const [low, high] = [Math.max(0, from - start), Math.min(line.length, to - start)];
    if (low < high) masked = masked.slice(0, low) + stars(masked.slice(low, high)) + masked.slice(high);
  }
  return (
    masked
      .replace(
        /((?:password|passphrase|token|secret|api_?key)\w*["']?\s*:\s*)(\S.*)$/i,
        (_, key: string, value: string) => key + stars(value),
      )
      .replace(
        /(\bcredential["']?\s*:\s*)([^\s{[&*].*)$/i,
        (_, key: string, value: string) => key + stars(value),
      )
      // A proxy whose scheme was forgotten.
      .replace(
        /(\bproxy["']?\s*:\s*["']?)(\S{1,4096})(?=@)/i,
        (_, begin: string, secret: string) => begin + stars(secret),
      )
      .replaceAll(
        /(https?:\/\/)([^\s@]{1,4096})(?=@)/gi,
        (_, begin: string, secret: string) => begin + stars(secret),
      )
      .replaceAll(
        /(:\/\/[^/\s:@]{0,256}:)([^@\s]{1,4096})(?=@)/g,
        (_, begin: string, secret: string) => begin + stars(secret),
      )
  );
}

function stars(value: string): string {
  return value.replaceAll(/\S/g, "*");
}
