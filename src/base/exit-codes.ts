import type { ErrorKind } from "./errors.ts";

/** The exit codes of every command; help texts print this table and the e2e suite checks it. */
export const EXIT_CODES = {
  ok: { code: 0, meaning: "done" },
  failed: { code: 1, meaning: "failed" },
  usage: { code: 2, meaning: "wrong usage or config" },
  config: { code: 2, meaning: "wrong usage or config" },
  unreachable: { code: 3, meaning: "remote unreachable; retry later" },
  auth: { code: 4, meaning: "authentication failed" },
  conflict: { code: 5, meaning: "a conflict needs you" },
  unsafe: { code: 6, meaning: "the repository is in a state that is not safe to touch" },
  guard: { code: 7, meaning: "a guard stopped the sync" },
  locked: { code: 8, meaning: "already running or locked" },
  interrupted: { code: 130, meaning: "interrupted" },
} as const satisfies Record<ErrorKind | "ok", { readonly code: number; readonly meaning: string }>;

export function exitCodeOf(kind: ErrorKind | "ok"): number {
  return EXIT_CODES[kind].code;
}
