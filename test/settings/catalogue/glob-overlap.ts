/** Whether some path could match both of two entries of a definition: paths, globs, or folders that end in `/`. */
export function overlap(one: string, other: string): boolean {
  return partsOverlap(parts(one), parts(other));
}

function parts(entry: string): readonly string[] {
  return (entry.endsWith("/") ? `${entry}**` : entry).split("/");
}

function partsOverlap(a: readonly string[], b: readonly string[]): boolean {
  const [first, ...rest] = a;
  const [other, ...others] = b;
  if (first === "**") return partsOverlap(rest, b) || (other !== undefined && partsOverlap(a, others));
  if (other === "**") return partsOverlap(b, a);
  if (first === undefined || other === undefined) return first === other;
  return namesOverlap(first, other) && partsOverlap(rest, others);
}

function namesOverlap(a: string, b: string): boolean {
  if (a === "" && b === "") return true;
  if (a.startsWith("*")) return namesOverlap(a.slice(1), b) || (b !== "" && namesOverlap(a, b.slice(1)));
  if (b.startsWith("*")) return namesOverlap(b, a);
  if (a === "" || b === "") return false;
  return (a[0] === b[0] || a[0] === "?" || b[0] === "?") && namesOverlap(a.slice(1), b.slice(1));
}
