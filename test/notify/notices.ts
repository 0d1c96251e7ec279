import type { Notice } from "../../src/notify/notify.ts";

export function noticeOf(changes: Partial<Notice> = {}): Notice {
  return {
    subject: "source:notes",
    kind: "failed",
    level: "error",
    title: "notes can not be synced",
    body: ["The repository is not there", "Correct the address"],
    source: "notes",
    command: "lull sync notes",
    paths: [],
    at: Date.parse("2026-03-02T12:00:00Z"),
    ...changes,
  };
}

/** What a hostile file name or server could put into a notice, as far as `noticeText` lets it through. */
export const HOSTILE = noticeOf({
  title: "-h --help $(touch x) `touch x` \"'; <b>bold</b> & 'quotes' 😀 é",
  body: [
    "-e <a href='x'>link</a> & \\n \\x41 \\\\ %s ' \" $(touch x)",
    '[1, 2] {"a": 1} (b) end tell & do shell script "touch x"',
  ],
  command: "lull sync 'a b'",
});
