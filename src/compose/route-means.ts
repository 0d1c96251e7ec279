/** What of this machine decides how an HTTP request leaves it, wired for this process. */
import { parseCredential } from "../base/parse-credential.ts";
import { expandHome } from "../git/repository-config/git-config.ts";
import { httpConfig } from "../git/repository-config/http-config.ts";
import { loadConfig } from "../git/repository-config/load-config.ts";
import type { SecretStore } from "../secrets/secret-store.ts";
import type { RouteMeans } from "../transport/http-route.ts";

export type RouteInput = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly secrets: Pick<SecretStore, "get">;
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
      return parseCredential((await secrets.get(origin, signal))?.value ?? "");
    },
  };
}
