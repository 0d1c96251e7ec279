/** A login in the browser as commands see it: a code for the person, then what is to be stored. */
import type { Credential } from "../base/credential.ts";
import { awaitToken, type DeviceCode, type OAuthParts, requestDeviceCode } from "./device-flow.ts";
import { oauthServer, type OAuthService, serviceOf } from "./oauth-servers.ts";
import { credentialOf, encodeTokenSet } from "./token-set.ts";

export type DeviceLoginInput = {
  readonly service: OAuthService;
  /** The server's address. */
  readonly base: string;
  readonly clientId: string;
};

export type LoggedIn = {
  readonly credential: Credential;
  /** What the secret store keeps under the origin. */
  readonly stored: string;
  /** Wall time in milliseconds; undefined: the token does not expire. */
  readonly expiresAt: number | undefined;
  readonly renews: boolean;
};

export type DeviceLogins = {
  /** Undefined: the name of the host does not tell. */
  serviceOf(origin: string): OAuthService | undefined;
  start(
    input: DeviceLoginInput,
    signal: AbortSignal,
  ): Promise<{ readonly code: Omit<DeviceCode, "deviceCode">; finish(): Promise<LoggedIn> }>;
};

export function createDeviceLogins(parts: OAuthParts): DeviceLogins {
  return {
    serviceOf,
    async start({ service, base, clientId }, signal) {
      const server = oauthServer(service, base, clientId);
      const code = await requestDeviceCode(server, parts, signal);
      const { deviceCode: _, ...shown } = code;
      const finish = async (): Promise<LoggedIn> => {
        const set = await awaitToken(server, code, parts, signal);
        const { expiresAt, refreshToken } = set;
        const renews = refreshToken !== undefined;
        return { credential: credentialOf(set), stored: encodeTokenSet(set), expiresAt, renews };
      };
      return { code: shown, finish };
    },
  };
}
