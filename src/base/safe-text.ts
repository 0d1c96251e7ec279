/**
 * Makes text from outside (file names, branch names, server messages) safe to print: control characters, escape
 * sequences, line separators and bidirectional marks can not drive the terminal or forge a log line.
 */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Returns one line in which each unsafe character is written as `\xNN` or `\u{NNNN}`. */
export function safeText(text: string): string {
  return text.replaceAll(UNSAFE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (character === "\t") return "\\t";
    if (character === "\n") return "\\n";
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
  });
}
