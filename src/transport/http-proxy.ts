/** Which proxy a request goes through. The runtime finds it by itself; this is for what there is to say when it fails. */
import type { LullError } from "../base/errors.ts";
import { transportError } from "./transport-error.ts";

export type Proxy = {
  /** The variable that names it. */
  readonly variable: string;
  /** Host and port, without user and password. */
  readonly host: string;
};

/** @returns undefined when the request goes straight to its host */
export function proxyFor(
  url: string,
  environment: Readonly<Record<string, string | undefined>>,
): Proxy | undefined {
  const target = new URL(url);
  const names = target.protocol === "https:" ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy", "HTTP_PROXY"];
  for (const variable of [...names, "all_proxy", "ALL_PROXY"]) {
    const value = environment[variable]?.trim() ?? "";
    if (value === "") continue;
    return isExcluded(target, environment) ? undefined : { variable, host: hostOf(value) };
  }
  return undefined;
}

/** @param status what the proxy answered; undefined: it could not be told */
export function proxyFailure(
  {
    doing,
    host,
    proxy,
  }: { readonly doing: string; readonly host: string; readonly proxy: Proxy | undefined },
  status: number | undefined,
  cause?: unknown,
): LullError {
  const variable = proxy?.variable ?? "HTTPS_PROXY";
  const name = `the proxy${proxy === undefined ? "" : ` ${proxy.host}`}`;
  if (status === 407) {
    return transportError({
      code: "AUTH",
      message: `cannot ${doing}: ${name} wants a user name and password (407)`,
      causes: [`${variable} names none, or wrong ones`],
      hint: `set ${variable} to http://<user>:<password>@<proxy>, with what is special in them as %XX`,
      data: { host, status: 407 },
      cause,
    });
  }
  return transportError({
    code: "NETWORK",
    message: `cannot ${doing}: ${name} does not let it through to ${host}${status === undefined ? "" : ` (${status})`}`,
    causes: [`${host} is down or does not exist`, "the proxy forbids it"],
    hint: `look whether ${variable} is right; list hosts that need no proxy in NO_PROXY`,
    data: { host },
    cause,
  });
}

function isExcluded(target: URL, environment: Readonly<Record<string, string | undefined>>): boolean {
  const list = environment["no_proxy"] ?? environment["NO_PROXY"] ?? "";
  return list.split(",").some((entry) => {
    const name = entry
      .trim()
      .toLowerCase()
      .replace(/^\*?\./, "");
    if (name === "*") return true;
    const host = /:\d+$/.test(name) ? target.host : target.hostname;
    return name !== "" && (host === name || host.endsWith(`.${name}`));
  });
}

function hostOf(value: string): string {
  try {
    return new URL(value.includes("://") ? value : `http://${value}`).host;
  } catch {
    return "of that name";
  }
}
