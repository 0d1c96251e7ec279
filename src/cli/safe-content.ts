import { safeText } from "../base/safe-text.ts";

/** Returns the lines of a file, safe to print; tabs stay, they drive no terminal. */
export function safeContent(text: string): readonly string[] {
  return text.replace(/\n$/, "").split("\n").map(safeLine);
}

export function safeLine(line: string): string {
  return line.split("\t").map(safeText).join("\t");
}
