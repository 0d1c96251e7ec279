/** One line with its line break, as a latin1 string: every byte is one character, so nothing is ever re-encoded. */
export type Line = string;

/** Splits after each `\n`; a last line without one stays as it is. Joining the result gives the input back. */
export function splitLines(bytes: Uint8Array): Line[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const lines: Line[] = [];
  for (let start = 0; start < text.length;) {
    const end = text.indexOf("\n", start) + 1 || text.length;
    lines.push(text.slice(start, end));
    start = end;
  }
  return lines;
}

export function joinLines(lines: readonly Line[]): Uint8Array {
  return Buffer.from(lines.join(""), "latin1");
}

/** Gives equal lines of several files equal numbers, so that comparing lines is comparing integers. */
export function numberLines(files: readonly (readonly Line[])[]): Int32Array[] {
  const numbers = new Map<Line, number>();
  return files.map((lines) => {
    const ids = new Int32Array(lines.length);
    for (const [index, line] of lines.entries()) {
      let id = numbers.get(line);
      if (id === undefined) numbers.set(line, (id = numbers.size));
      ids[index] = id;
    }
    return ids;
  });
}
