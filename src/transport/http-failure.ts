/** What a failed `fetch` means. */
import { LullError, messageOf, systemCode } from "../base/errors.ts";
import { throwIfAborted } from "../base/abort.ts";
import { REFUSED_CAUSES, UNKNOWN_NAME_CAUSES } from "./connect-causes.ts";
import { type Proxy, proxyFailure, throughProxy, unknownProxy } from "./http-proxy.ts";
import { isTlsCode, tlsFailure } from "./tls-failure.ts";
import { transportError } from "./transport-error.ts";

export type FailureContext = {
  /** E.g. `read the refs of https://example.com/me/notes`. */
  readonly doing: string;
  /** What was asked, without a credential. */
  readonly url: string;
  /** The caller's own signal: when it fired, its reason counts and not what fetch made of it. */
  readonly signal: AbortSignal;
  /** `connect`: nothing has come back yet; `answer`: the request was, or may have been, carried out. */
  readonly phase: "connect" | "answer";
  /** What stands in between; undefined: nothing. */
  readonly proxy: Proxy | undefined;
  /** Whether this machine is on a network at all. */
  readonly hasNetwork: () => boolean;
};

type Reason = { readonly what: string; readonly causes: readonly string[] };

const NOTHING_LISTENS: Reason = {
  what: "nothing listens there",
  causes: REFUSED_CAUSES,
};
const UNKNOWN_NAME: Reason = {
  what: "the host name is unknown",
  causes: [...UNKNOWN_NAME_CAUSES, "this network is left through a proxy only (`transport.proxy`)"],
};
const CLOSED: Reason = {
  what: "the connection was closed",
  causes: ["the server was just restarted", "a firewall or proxy cut it"],
};
const UNREACHABLE: Reason = {
  what: "the host can not be reached",
  causes: [
    "this network leads nowhere",
    "the host is switched off",
    "it is reached through a VPN or a proxy only (`transport.proxy`)",
  ],
};

const REASONS: Readonly<Record<string, Reason>> = {
  ECONNREFUSED: NOTHING_LISTENS,
  ConnectionRefused: NOTHING_LISTENS,
  ENOTFOUND: UNKNOWN_NAME,
  EAI_AGAIN: { ...UNKNOWN_NAME, what: "the host name could not be looked up" },
  ECONNRESET: CLOSED,
  ConnectionClosed: CLOSED,
  ETIMEDOUT: { ...UNREACHABLE, what: "the host does not answer" },
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: { ...UNREACHABLE, what: "the network can not be reached" },
};

/** Returns the `LullError` for whatever `fetch` or its body reader threw. */
export function fetchFailure(error: unknown, context: FailureContext): LullError {
  try {
    throwIfAborted(context.signal);
  } catch (interruption) {
    if (interruption instanceof LullError) return interruption;
  }
  if (error instanceof LullError) return error;
  const { doing, phase, proxy } = context;
  const code = systemCode(error) ?? "no code";
  const host = hostAndPort(context.url);
  if (isTlsCode(code)) return tlsFailure({ doing, host }, code, error);
  if (code === "ERR_PROXY_TUNNEL") return proxyFailure({ doing, host, proxy }, tunnelStatus(error), error);
  if (code === "UnsupportedProxyProtocol") return unknownProxy({ doing, host, proxy }, error);
  if (phase === "connect" && !isHere(new URL(context.url).hostname) && !context.hasNetwork()) {
    return transportError({
      code: "OFFLINE",
      message: `cannot ${doing}: this machine is on no network (${host}, ${code})`,
      causes: ["the network is switched off, or out of reach"],
      hint: "local commits are kept and go up with the first sync on a network",
      data: { host },
      cause: error,
    });
  }
  const reason = REASONS[code];
  const way = proxy === undefined ? host : `${host} through the proxy ${proxy.host}`;
  return transportError({
    code: phase === "answer" ? "TRUNCATED" : "NETWORK",
    message: `cannot ${doing}: ${reason?.what ?? "the connection failed"} (${way}, ${code})`,
    ...(phase === "answer"
      ? {}
      : proxy === undefined
        ? reason && { causes: reason.causes }
        : throughProxy(proxy, reason === NOTHING_LISTENS)),
    data: { host },
    cause: error,
  });
}

/** The port also where it is the usual one: people look for it in a firewall. */
export function hostAndPort(address: string): string {
  const url = new URL(address);
  return url.port === "" ? `${url.hostname}:${url.protocol === "https:" ? 443 : 80}` : url.host;
}

/** The error has no field for it. */
function tunnelStatus(error: unknown): number | undefined {
  const [, status] = /: (\d{3})\b/.exec(messageOf(error)) ?? [];
  return status === undefined ? undefined : Number(status);
}

/** A server of this machine needs no network. */
function isHere(hostname: string): boolean {
  return /^(?:localhost|127\.[\d.]+|\[::1\])$/.test(hostname) || hostname.endsWith(".localhost");
}
