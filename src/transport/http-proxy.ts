/** Which proxy a request goes through, and what there is to say when that fails. */
import type { LullError } from "../base/errors.ts";
import { registerSecret } from "../base/redact.ts";
import { transportError, type TransportErrorInit } from "./transport-error.ts";
import type { ProxySetting } from "./transport.ts";

export type Proxy = {
  /** What names it, for messages: `HTTPS_PROXY`, "`transport.proxy`". */
  readonly from: string;
  /** Whether it is the config's own. */
  readonly isSetting: boolean;
  /** Host and port, without user and password. */
  readonly host: string;
  /** With user and password where they were given: never for a message. */
  readonly url: string;
};

export type ProxyChoice = {
  readonly setting: ProxySetting;
  /** Git's own `http.proxy` for this address; empty: none. */
  readonly ofGit: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
};

/**
 * The config goes before git's settings and those before the environment, as with git; the hosts of `NO_PROXY` need none.
 * @returns undefined when the request goes straight to its host
 */
export function proxyFor(url: string, { setting, ofGit, environment }: ProxyChoice): Proxy | undefined {
  const target = new URL(url);
  if (setting.kind === "none" || isExcluded(target, environment)) return undefined;
  if (setting.kind === "url") return namedProxy("`transport.proxy`", setting.url, true);
  if (ofGit !== undefined) return ofGit.trim() === "" ? undefined : namedProxy("git's `http.proxy`", ofGit);
  const names = target.protocol === "https:" ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy", "HTTP_PROXY"];
  for (const variable of [...names, "all_proxy", "ALL_PROXY"]) {
    const value = environment[variable]?.trim() ?? "";
    if (value !== "") return namedProxy(variable, value);
  }
  return undefined;
}

function namedProxy(from: string, text: string, isSetting = false): Proxy {
  const address = text.trim();
  const full = address.includes("://") ? address : `http://${address}`;
  const url = URL.parse(full);
  if (url === null) return { from, isSetting, host: "of that name", url: full };
  for (const secret of [url.password, decoded(url.password)]) registerSecret(secret);
  return { from, isSetting, host: url.host, url: full };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

type Blocked = { readonly doing: string; readonly host: string; readonly proxy: Proxy | undefined };

/** @param status what the proxy answered; undefined: it could not be told */
export function proxyFailure(
  { doing, host, proxy }: Blocked,
  status: number | undefined,
  cause?: unknown,
): LullError {
  const from = proxy?.from ?? "HTTPS_PROXY";
  const name = `the proxy${proxy === undefined ? "" : ` ${proxy.host}`}`;
  if (status === 407) {
    return transportError({
      code: "AUTH",
      message: `cannot ${doing}: ${name} wants a user name and password (407)`,
      causes: [`${from} names none, or wrong ones`],
      hint:
        proxy?.isSetting === true
          ? `store them as <user>:<password>: \`lull secret set http://${proxy.host}\``
          : `set ${from} to http://<user>:<password>@<proxy>, with what is special in them as %XX`,
      data: { host, status: 407 },
      cause,
    });
  }
  return transportError({
    code: "NETWORK",
    message: `cannot ${doing}: ${name} does not let it through to ${host}${status === undefined ? "" : ` (${status})`}`,
    causes: [`${host} is down or does not exist`, "the proxy forbids it"],
    hint: lookAt(from),
    data: { host },
    cause,
  });
}

/**
 * The runtime does not say which of the two it could not reach.
 * @param isRefused somebody answered, so the network works
 */
export function throughProxy(
  { host, from }: Proxy,
  isRefused: boolean,
): Pick<TransportErrorInit, "causes" | "hint"> {
  return {
    causes: [
      `the proxy ${host} is down or not here`,
      ...(isRefused ? [] : ["this machine is offline"]),
      "the server is down",
    ],
    hint: lookAt(from),
  };
}

export function unknownProxy({ doing, proxy }: Blocked, cause: unknown): LullError {
  const from = proxy?.from ?? "HTTPS_PROXY";
  return transportError({
    code: "UNSUPPORTED",
    message: `cannot ${doing}: the proxy ${proxy?.host ?? ""} is of a kind that lull does not speak to`,
    causes: [`${from} names a SOCKS proxy`],
    hint: `set \`transport.proxy\` in the config to an http:// or https:// proxy, or to none`,
    cause,
  });
}

function lookAt(from: string): string {
  return `look whether ${from} is right; a source that needs no proxy gets \`transport: { proxy: none }\`, or its host stands in NO_PROXY`;
}

function isExcluded(target: URL, environment: ProxyChoice["environment"]): boolean {
  const list = environment["no_proxy"] ?? environment["NO_PROXY"] ?? "";
  const port = target.port === "" ? (target.protocol === "https:" ? "443" : "80") : target.port;
  return list.split(",").some((entry) => {
    const name = entry
      .trim()
      .toLowerCase()
      .replace(/^\*?\./, "");
    if (name === "*") return true;
    const host = /:\d+$/.test(name) ? `${target.hostname}:${port}` : target.hostname;
    return name !== "" && (host === name || host.endsWith(`.${name}`));
  });
}
