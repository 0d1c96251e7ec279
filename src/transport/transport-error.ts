import { type ErrorKind, LullError } from "../base/errors.ts";

/** What can go wrong between lull and a remote, whatever carries the bytes. */
export type TransportCode =
  | "AUTH"
  | "FORBIDDEN"
  | "REPO_NOT_FOUND"
  | "HOST_UNKNOWN"
  | "HOST_CHANGED"
  | "NETWORK"
  | "TIMEOUT"
  | "TLS"
  | "RATE_LIMITED"
  | "TRUNCATED"
  | "BAD_PACK"
  | "OFFLINE"
  | "UNSUPPORTED"
  | "REMOTE_ERROR";

type Advice = {
  readonly kind: ErrorKind;
  readonly retry: boolean;
  readonly causes: readonly string[];
  readonly hint: string;
};

const ADVICE: Readonly<Record<TransportCode, Advice>> = {
  AUTH: {
    kind: "auth",
    retry: false,
    causes: ["the token or password is wrong, expired or revoked", "none was given"],
    hint: "`lull auth status <source>` tells which token was used; `lull auth login <source>` stores another (or set LULL_TOKEN)",
  },
  FORBIDDEN: {
    kind: "auth",
    retry: false,
    causes: [
      "this account has no write access",
      "the branch is protected",
      "the token lacks the `repo`/`write` scope",
    ],
    hint: "`lull auth status <source>` tells which account's token was used; check its rights on the remote's web page",
  },
  REPO_NOT_FOUND: {
    kind: "failed",
    retry: false,
    causes: [
      "the URL has a typing mistake",
      "the repository does not exist yet",
      "it is private and this account may not see it",
    ],
    hint: "open the URL in a browser, then correct it with `lull config set sources.<name>.remote <url>`",
  },
  HOST_UNKNOWN: {
    kind: "auth",
    retry: false,
    causes: ["this host was never connected to from here"],
    hint: "connect once by hand, compare the fingerprint and accept it",
  },
  HOST_CHANGED: {
    kind: "auth",
    retry: false,
    causes: ["the server was reinstalled", "somebody listens in between"],
    hint: "ask the server's owner for the new fingerprint before you go on",
  },
  NETWORK: {
    kind: "unreachable",
    retry: true,
    causes: ["this machine is offline", "the host name is wrong", "the server is down"],
    hint: "check the connection and the URL; local commits are kept and go up with the next sync",
  },
  TIMEOUT: {
    kind: "unreachable",
    retry: true,
    causes: ["the connection is very slow", "the server hangs"],
    hint: "nothing was lost; run `lull sync` again later",
  },
  TLS: {
    kind: "unreachable",
    retry: false,
    causes: [
      "the server's certificate is self-signed or expired",
      "a proxy opens the connection",
      "this machine's clock is wrong",
    ],
    hint: "name a file with your own authority's certificate in `transport.ca`, or mend the server",
  },
  RATE_LIMITED: {
    kind: "unreachable",
    retry: true,
    causes: ["too many requests in a short time"],
    hint: "wait as long as the server asks; nothing was lost",
  },
  TRUNCATED: {
    kind: "unreachable",
    retry: true,
    causes: ["the connection broke in the middle of the answer"],
    hint: "nothing was changed; run `lull sync` again",
  },
  BAD_PACK: {
    kind: "failed",
    retry: true,
    causes: ["the data was damaged on its way", "the remote repository is damaged"],
    hint: "nothing was changed; if it happens again, run `git fsck --full` on the remote",
  },
  OFFLINE: {
    kind: "unreachable",
    retry: true,
    causes: ["the drive is not mounted", "the folder was moved or deleted"],
    hint: "mount the drive or correct the remote, then run `lull sync` again",
  },
  UNSUPPORTED: {
    kind: "failed",
    retry: false,
    causes: ["the remote uses a feature that lull does not know"],
    hint: "use another remote, or one without this feature",
  },
  REMOTE_ERROR: {
    kind: "failed",
    retry: true,
    causes: ["the server reported an error of its own"],
    hint: "the message above is the server's; ask its operator if it stays",
  },
};

export type TransportErrorInit = {
  readonly code: TransportCode;
  /** Starts with what was being done, e.g. `fetch from https://example.com/me/notes.git`. */
  readonly message: string;
  readonly hint?: string;
  readonly causes?: readonly string[];
  readonly data?: Readonly<Record<string, string | number | boolean>>;
  readonly cause?: unknown;
};

export function transportError(init: TransportErrorInit): LullError {
  const advice = ADVICE[init.code];
  return new LullError({
    kind: advice.kind,
    code: init.code,
    message: init.message,
    hint: init.hint ?? advice.hint,
    causes: init.causes ?? advice.causes,
    ...(init.data === undefined ? {} : { data: init.data }),
    cause: init.cause,
  });
}

/** Tells whether the same step may succeed later without anybody changing anything. */
export function isRetryable(error: unknown): boolean {
  return error instanceof LullError && error.code in ADVICE && ADVICE[error.code as TransportCode].retry;
}
