import type { ConfigAccess } from "../app/deps.ts";
import { LullError } from "../base/errors.ts";
import type { SendRequest } from "../base/send-request.ts";
import type { Config } from "../config/config.ts";
import { createRoute } from "../transport/http-route.ts";
import { parseRemoteUrl } from "../transport/remote-url.ts";
import { DEFAULT_SETTINGS, type TransportSettings } from "../transport/transport.ts";
import { routeMeans, type RouteInput } from "./route-means.ts";

/**
 * Sends what belongs to no connection (a login, its renewal, a notice) as the sources reach the same server. A config
 * that holds a mistake by now is no reason to send nothing: what it said last counts.
 */
export function routedRequests({
  config,
  ...input
}: RouteInput & { readonly config: Pick<ConfigAccess, "exists" | "load"> }): SendRequest {
  const means = routeMeans(input);
  let last: Config | undefined;
  return async (url, init) => {
    try {
      if (config.exists()) last = (await config.load()).config;
    } catch (error) {
      if (!(error instanceof LullError) || error.kind !== "config") throw error;
    }
    const settings = last === undefined ? DEFAULT_SETTINGS : settingsFor(url, last);
    return createRoute(settings, means).fetch(url, init);
  };
}

/** A source's own settings count for all that lull has to do with its server. */
function settingsFor(url: string, { sources, transport }: Config): TransportSettings {
  const { origin } = new URL(url);
  const source = sources.find(({ remotes }) => remotes.some((remote) => originOf(remote.url) === origin));
  return source?.transport ?? transport;
}

function originOf(url: string): string | undefined {
  try {
    const remote = parseRemoteUrl(url);
    return remote.kind === "http" ? remote.origin : undefined;
  } catch (error) {
    if (error instanceof LullError) return undefined;
    throw error;
  }
}
