import { redactUrl } from "../base/redact-url.ts";
import type { Config } from "../config/config.ts";
import type { ServiceProblem } from "../service/service.ts";
import type { ServiceFacts } from "./deps.ts";

/**
 * What this shell says of the way to remotes and the config does not: a service will not see it. It is not carried over,
 * as a proxy's address may hold a password, and the file of a service would keep a proxy that the person has long left.
 */
export function unseenByService(
  { proxy, authorities }: ServiceFacts["ofTheShell"],
  { transport }: Pick<Config, "transport">,
): readonly ServiceProblem[] {
  const problems: ServiceProblem[] = [];
  if (proxy !== undefined && transport.proxy.kind === "auto") {
    const address = redactUrl(proxy.url);
    const credential = address === proxy.url ? "" : `; its user and password: lull secret set ${address}`;
    problems.push({
      what: `${proxy.variable} is set in this shell; the service does not see it`,
      next: `lull config set transport.proxy ${address}${credential}`,
    });
  }
  if (authorities !== undefined && transport.ca === undefined) {
    problems.push({
      what: "NODE_EXTRA_CA_CERTS is set in this shell; the service does not see it",
      next: `lull config set transport.ca ${authorities}`,
    });
  }
  return problems;
}
