/** A pattern of OpenSSH's files: `*` stands for any characters, `?` for one, everything else for itself. */
export function globPattern(pattern: string): RegExp {
  // A row of stars means what one means, and would let a hostile line take the matcher's time.
  const source = pattern
    .replaceAll(/\*+/g, "*")
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "s");
}
