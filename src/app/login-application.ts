import type { DeviceLogins } from "../secrets/device-login.ts";
import type { Deps } from "./deps.ts";
import type { LoginTarget } from "./login-target.ts";

type Service = ReturnType<DeviceLogins["serviceOf"]>;

/** What a login in the browser needs to know of the server. */
export type LoginApplication = {
  /** Undefined: nobody said, and the name of the host does not tell. */
  readonly service: Service;
  /** Undefined: there is none to log in with. */
  readonly clientId: string | undefined;
  /** Where the server's pages are. */
  readonly base: string;
};

/** What the command line says. */
export type LoginWords = {
  readonly service: Service;
  readonly clientId: string | undefined;
  readonly url: string | undefined;
};

/** The command line goes before what the config says of the host, and that before a client id for every such service. */
export async function loginApplication(
  deps: Pick<Deps, "config" | "deviceLogins">,
  { origin }: Pick<LoginTarget, "origin">,
  given: LoginWords & { readonly env: Readonly<Record<string, string | undefined>> },
): Promise<LoginApplication> {
  const devices = await deps.deviceLogins();
  const logins = deps.config.exists() ? (await deps.config.load()).config.logins : [];
  const known = logins.find(({ host }) => host === new URL(origin).host);
  const service = given.service ?? known?.service ?? devices.serviceOf(origin);
  const ofEvery = service && given.env[`LULL_${service.toUpperCase()}_CLIENT_ID`];
  const clientId = given.clientId ?? known?.clientId ?? ofEvery;
  return {
    service,
    clientId: clientId === "" ? undefined : clientId,
    base: given.url ?? known?.url ?? origin,
  };
}
