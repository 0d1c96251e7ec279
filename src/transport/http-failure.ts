/** What a failed `fetch` means. */
import { LullError, systemCode } from "../base/errors.ts";
import { throwIfAborted } from "../base/abort.ts";
import { transportError } from "./transport-error.ts";

export type FailureContext = {
  /** E.g. `read the refs of https://example.com/me/notes`. */
  readonly doing: string;
  /** Host and port that were connected to. */
  readonly host: string;
  /** The caller's own signal: when it fired, its reason counts and not what fetch made of it. */
  readonly signal: AbortSignal;
  /** `connect`: nothing has come back yet; `answer`: the request was, or may have been, carried out. */
  readonly phase: "connect" | "answer";
};

const TLS_CODE = /CERT|CRL|^ERR_(?:TLS|SSL)|^UNABLE_TO|HOSTNAME_MISMATCH|INVALID_(?:CA|PURPOSE)|^EPROTO$/;

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ConnectionRefused: "nothing listens there",
  ENOTFOUND: "the host name is unknown",
  EAI_AGAIN: "the host name could not be looked up",
  ECONNRESET: "the connection was closed",
  ConnectionClosed: "the connection was closed",
  ETIMEDOUT: "the host does not answer",
  EHOSTUNREACH: "the host can not be reached",
  ENETUNREACH: "the network can not be reached",
};

/** Returns the `LullError` for whatever `fetch` or its body reader threw. */
export function fetchFailure(error: unknown, context: FailureContext): LullError {
  try {
    throwIfAborted(context.signal);
  } catch (interruption) {
    if (interruption instanceof LullError) return interruption;
  }
  if (error instanceof LullError) return error;
  const code = systemCode(error) ?? "no code";
  if (TLS_CODE.test(code)) {
    return transportError({
      code: "TLS",
      message: `cannot ${context.doing}: the certificate of ${context.host} is not accepted (${code})`,
      data: { host: context.host },
      cause: error,
    });
  }
  const reason = `${REASONS[code] ?? "the connection failed"} (${context.host}, ${code})`;
  return transportError({
    code: context.phase === "answer" ? "TRUNCATED" : "NETWORK",
    message: `cannot ${context.doing}: ${reason}`,
    data: { host: context.host },
    cause: error,
  });
}
