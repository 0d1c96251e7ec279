/** What of this machine decides how an HTTP request leaves it, wired for this process. */
import { parseCredential } from "../base/parse-credential.ts";
import { expandHome } from "../git/repository-config/git-config.ts";
import { httpConfig } from "../git/repository-config/http-config.ts";
import { loadConfig } from "../git/repository-config/load-config.ts";
import type { SecretStore } from "../secrets/secret-store.ts";
import type { RouteMeans } from "../transport/http-route.ts";

export type RouteInput = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly secrets: Pick<SecretStore, "find" | "get">;
};

export function routeMeans({ env, secrets }: RouteInput): RouteMeans {
  return {
    environment: env,
    gitSettings() {
      const { entries } = loadConfig({ gitDirectory: undefined, environment: env });
      return (name, url) => {
        const value = httpConfig(entries, name, url);
        return name === "proxy" || value === undefined ? value : expandHome(value, env["HOME"]);
      };
    },
    async proxyCredential(origin, signal) {
      // No keychain is asked, and none can be locked, unless something was stored.
      if (secrets.find(origin) === undefined) return undefined;
      return parseCredential((await secrets.get(origin, signal)) ?? "");
    },
  };
}
