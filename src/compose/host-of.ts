import { parseRemoteUrl } from "../transport/remote-url.ts";

/** Returns the host (and port) of a remote that is reached over the network; undefined for a local one. */
export function hostOf(url: string): string | undefined {
  try {
    const remote = parseRemoteUrl(url);
    if (remote.kind === "local") return undefined;
    return remote.kind === "ssh" ? remote.host : new URL(remote.origin).host;
  } catch {
    // The config check has refused it before; a sync says so again.
    return undefined;
  }
}
