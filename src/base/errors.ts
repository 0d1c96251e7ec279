/**
 * The one error type that crosses folder borders. Adapters turn what an SDK or the system throws into it, with
 * the original as `cause`; only `cli/render-error.ts` prints it and only `base/exit-codes.ts` maps it to a number.
 */

/** What went wrong, as far as the exit code is concerned. */
export type ErrorKind =
  | "failed"
  | "usage"
  | "config"
  | "unreachable"
  | "auth"
  | "conflict"
  | "unsafe"
  | "guard"
  | "locked"
  | "interrupted";

export type LullErrorInit = {
  readonly kind: ErrorKind;
  /** Stable upper-case word that programs may branch on, e.g. `REPO_NOT_FOUND`. */
  readonly code: string;
  /** What failed, with the value in question; lower-case start, no full stop. */
  readonly message: string;
  /** The next step to take: a command to run or a file to edit. */
  readonly hint?: string | undefined;
  /** Likely causes, most likely first. */
  readonly causes?: readonly string[] | undefined;
  /** Facts for `--json` and for the lines below the message (`source`, `remote`, `path` …). Never secrets. */
  readonly data?: Readonly<Record<string, string | number | boolean>> | undefined;
  readonly cause?: unknown;
};

export class LullError extends Error {
  override readonly name = "LullError";
  readonly kind: ErrorKind;
  readonly code: string;
  readonly hint: string | undefined;
  readonly causes: readonly string[];
  readonly data: Readonly<Record<string, string | number | boolean>>;

  constructor(init: LullErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.kind = init.kind;
    this.code = init.code;
    this.hint = init.hint;
    this.causes = init.causes ?? [];
    this.data = init.data ?? {};
  }

  /** Returns the same error with more facts; a fact that is already there stays. */
  with(data: Readonly<Record<string, string | number | boolean>>): LullError {
    return new LullError({
      kind: this.kind,
      code: this.code,
      message: this.message,
      hint: this.hint,
      causes: this.causes,
      data: { ...data, ...this.data },
      cause: this.cause,
    });
  }
}

/** Returns the system's error code (`ENOENT`, `EACCES` …) of a thrown value, if it carries one. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** Returns the text of any thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Codes of a file system that is full, read-only or failing: the same advice serves all of them. */
const STORAGE_FAULTS: Readonly<Record<string, readonly [message: string, hint: string]>> = {
  ENOSPC: ["the disk is full", "free some space and run the command again; nothing was lost"],
  EDQUOT: ["your disk quota is used up", "free some space and run the command again; nothing was lost"],
  EROFS: ["the file system is read-only", "make it writable, or move the folder to a disk that is"],
  EIO: ["the disk reported an input/output error", "check the disk (dmesg, smartctl) before going on"],
  EMFILE: ["too many files are open", "raise the limit (`ulimit -n`) and run the command again"],
  ENFILE: ["the system has too many open files", "close some programs and run the command again"],
};

/**
 * Turns a system error into a `LullError` that names what was being done. A `LullError` passes unchanged.
 * @param doing what was being attempted, e.g. `write /home/me/notes/a.md`
 */
export function fromSystem(error: unknown, doing: string): LullError {
  if (error instanceof LullError) return error;
  const code = systemCode(error);
  const fault = code === undefined ? undefined : STORAGE_FAULTS[code];
  if (fault !== undefined && code !== undefined) {
    return new LullError({
      kind: "failed",
      code,
      message: `cannot ${doing}: ${fault[0]}`,
      hint: fault[1],
      cause: error,
    });
  }
  if (code === "EACCES" || code === "EPERM") {
    return new LullError({
      kind: "failed",
      code,
      message: `cannot ${doing}: permission denied`,
      hint: "check who owns it and its mode (`ls -ld`), then run the command again",
      cause: error,
    });
  }
  return new LullError({
    kind: "failed",
    code: code ?? "UNEXPECTED",
    message: `cannot ${doing}: ${messageOf(error)}`,
    cause: error,
  });
}
