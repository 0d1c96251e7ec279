/**
 * How an HTTP request leaves this machine: through which proxy, and whose certificates it trusts. Both come from the
 * config, from the person's git settings or from the environment; the runtime by itself knows the last only.
 */
import { type Credential, secretOf } from "../base/credential.ts";
import { systemCode } from "../base/errors.ts";
import { registerSecret } from "../base/redact.ts";
import type { SendRequest } from "../base/send-request.ts";
import {
  authoritiesOfGit,
  authoritiesOfSetting,
  type AuthorityList,
  runtimeAuthorities,
  systemAuthorities,
} from "./authorities.ts";
import { type Proxy, proxyFor } from "./http-proxy.ts";
import { isUnknownAuthority } from "./tls-failure.ts";
import type { TransportSettings } from "./transport.ts";

export type HttpRoute = {
  /** What stands between here and an address, for messages. */
  proxyFor(url: string): Proxy | undefined;
  /** As the runtime's, on this route. @throws LullError `CA_UNREADABLE` (kind `config`), and as the credential's look-up does */
  readonly fetch: SendRequest;
};

/** What of this machine decides about routes. */
export type RouteMeans = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Reads the person's git settings. */
  readonly gitSettings?: () => GitHttpSettings;
  /** User name and password that are stored for a proxy, by its origin. */
  readonly proxyCredential?: (origin: string, signal: AbortSignal) => Promise<Credential | undefined>;
};

/** What git has as `http.<name>` for an address. */
export type GitHttpSettings = (name: "proxy" | "sslcainfo", url: string) => string | undefined;

export function createRoute(
  { proxy: setting, ca }: Pick<TransportSettings, "proxy" | "ca">,
  { environment, gitSettings, proxyCredential }: RouteMeans,
): HttpRoute {
  let read: GitHttpSettings | undefined;
  const ofGit: GitHttpSettings = (name, url) => (read ??= gitSettings?.() ?? (() => undefined))(name, url);
  const proxyOf = (url: string): Proxy | undefined => {
    const git = setting.kind === "auto" ? ofGit("proxy", url) : undefined;
    return proxyFor(url, { setting, ofGit: git, environment });
  };
  return {
    proxyFor: proxyOf,
    async fetch(url, init) {
      const proxy = proxyOf(url);
      const way = proxy && { proxy: await withCredential(proxy, init.signal, proxyCredential) };
      const own = isEncrypted(url, proxy) ? ownAuthorities(ca, ofGit("sslcainfo", url)) : [];
      const isWide = isWidened;
      const send = (more: AuthorityList): Promise<Response> => {
        const tls = more.length === 0 ? {} : { tls: { ca: [...runtimeAuthorities(), ...more] } };
        const options = { ...init, ...way, ...tls };
        return way === undefined ? fetchStraight(url, options) : fetch(url, options);
      };
      try {
        return await send(isWide ? [...own, ...systemAuthorities()] : own);
      } catch (error) {
        const canRepeat = !isWide && !(init.body instanceof ReadableStream);
        if (!canRepeat || !isUnknownAuthority(systemCode(error) ?? "")) throw error;
        const response = await send([...own, ...systemAuthorities()]);
        isWidened = true;
        return response;
      }
    },
  };
}

/** Whether a server was found that the system trusts and the runtime alone does not: from then on it is asked at once. */
let isWidened = false;

function isEncrypted(url: string, proxy: Proxy | undefined): boolean {
  return /^https:/i.test(url) || /^https:/i.test(proxy?.url ?? "");
}

function ownAuthorities(ca: string | undefined, ofGit: string | undefined): AuthorityList {
  if (ca !== undefined) return authoritiesOfSetting(ca);
  return ofGit === undefined || ofGit === "" ? [] : authoritiesOfGit(ofGit);
}

/** A password in the address goes before a stored one. */
async function withCredential(
  proxy: Proxy,
  signal: AbortSignal,
  find: RouteMeans["proxyCredential"],
): Promise<string> {
  const url = URL.parse(proxy.url);
  if (url === null || url.password !== "" || find === undefined) return proxy.url;
  const found = await find(url.origin, signal);
  if (found === undefined) return proxy.url;
  if ("username" in found) url.username = encodeURIComponent(found.username);
  url.password = encodeURIComponent(secretOf(found));
  registerSecret(secretOf(found));
  return url.href;
}

/** The runtime looks for both while `fetch` is called (measured, interpreted and compiled). */
const EXCEPTIONS = ["NO_PROXY", "no_proxy"] as const;

/** The runtime has no other way to leave out, for one request, the proxy that the environment names. */
function fetchStraight(url: string, init: BunFetchRequestInit): Promise<Response> {
  const kept = EXCEPTIONS.map((name) => [name, process.env[name]] as const);
  for (const name of EXCEPTIONS) process.env[name] = "*";
  try {
    return fetch(url, init);
  } finally {
    for (const [name, value] of kept) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}
