/** Lays out text by its width on the terminal, where one character may take two columns or none. Pure. */

/** Returns lines with aligned columns. The last column is never padded; nothing is ever cut or wrapped. */
export function alignColumns(rows: readonly (readonly string[])[], gap = 2): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      if (column < row.length - 1) widths[column] = Math.max(widths[column] ?? 0, displayWidth(cell));
    }
  }
  return rows.map((row) =>
    row
      .map((cell, column) => (column < row.length - 1 ? padTo(cell, (widths[column] ?? 0) + gap) : cell))
      .join("")
      .trimEnd(),
  );
}

/**
 * As `alignColumns`, but a last cell that does not fit is broken within its column; where next to no room is left for
 * that column, it gets lines of its own.
 */
export function wrapColumns(
  rows: readonly (readonly string[])[],
  width: number | undefined,
): readonly string[] {
  if (width === undefined) return alignColumns(rows);
  const heads = alignColumns(rows.map((row) => [...row.slice(0, -1), "|"])).map((line) => line.slice(0, -1));
  const indent = Math.max(0, ...heads.map(displayWidth));
  return rows.flatMap((row, index) => {
    const head = heads[index] ?? "";
    const text = row.at(-1) ?? "";
    if (text === "") return [head.trimEnd()];
    if (indent + displayWidth(text) <= width) return [head + text];
    return width - indent < NARROWEST_TEXT
      ? [head.trimEnd(), ...hangingLines("    ", text, width)]
      : hangingLines(head, text, width);
  });
}

/**
 * The same rows with their widest cells shortened, so that the lines of `alignColumns` fit; the widest column
 * gives way first, and none below `NARROWEST`. Cells that are styled are never cut: style has to come after.
 */
export function fitColumns(
  rows: readonly (readonly string[])[],
  width: number | undefined,
  ellipsis: string,
): readonly (readonly string[])[] {
  const gap = 2;
  if (width === undefined) return rows;
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, displayWidth(cell));
    }
  }
  const room = width - gap * (widths.length - 1);
  for (let excess = widths.reduce((sum, each) => sum + each, 0) - room; excess > 0; excess--) {
    const widest = widths.indexOf(Math.max(...widths));
    if ((widths[widest] ?? 0) <= NARROWEST) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return rows.map((row) => row.map((cell, column) => shortened(cell, widths[column] ?? 0, ellipsis)));
}

/** Narrower, a name tells nothing any more; the line wraps then. */
const NARROWEST = 8;

function shortened(text: string, width: number, ellipsis: string): string {
  if (displayWidth(text) <= width) return text;
  return cutTo(text, width - displayWidth(ellipsis)) + ellipsis;
}

/** Columns that the text takes; colour codes take none. */
export function displayWidth(text: string): number {
  return Bun.stringWidth(text);
}

export function padTo(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - displayWidth(text)));
}

/** Breaks text at spaces so that each line fits, if its words do; a longer word gets a line of its own. */
export function wrapText(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && displayWidth(longer) > width) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}

/**
 * The head and behind it the text, broken so that it fits; further lines stand below the text's beginning. Without a
 * width, or where next to no room is left, it stays one line.
 */
export function hangingLines(head: string, text: string, width: number | undefined): readonly string[] {
  const indent = displayWidth(head);
  if (width === undefined || width - indent < NARROWEST_TEXT) return [head + text];
  return wrapText(text, width - indent).map(
    (line, index) => (index === 0 ? head : " ".repeat(indent)) + line,
  );
}

/** Narrower, a column of text is harder to read than a line that the terminal breaks. */
const NARROWEST_TEXT = 20;

/** The same text with its middle left out, so that it fits: what tells names apart is often their end. */
export function cutMiddle(text: string, width: number, ellipsis: string): string {
  if (displayWidth(text) <= width) return text;
  const room = Math.max(0, width - displayWidth(ellipsis));
  const front = cutTo(text, Math.ceil(room / 2));
  return front + ellipsis + cutTo(text, room - displayWidth(front), "end");
}

/** Returns the longest beginning, or end, of the text that fits. */
export function cutTo(text: string, width: number, kept: "beginning" | "end" = "beginning"): string {
  if (displayWidth(text) <= width) return text;
  const segments = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
  if (kept === "end") segments.reverse();
  const fitting: string[] = [];
  let used = 0;
  for (const segment of segments) {
    used += displayWidth(segment);
    if (used > width) break;
    fitting.push(segment);
  }
  return (kept === "end" ? fitting.reverse() : fitting).join("");
}

/** `1 file`, `3 files`. */
export function count(amount: number, singular: string, plural = `${singular}s`): string {
  return `${amount} ${amount === 1 ? singular : plural}`;
}
