/** The login by a device code (RFC 8628): the person types a short code into a web page, lull asks until it is done. */
import type { Clock } from "../base/clock.ts";
import { LullError } from "../base/errors.ts";
import { redact, registerSecret } from "../base/redact.ts";
import { safeText } from "../base/safe-text.ts";
import type { AskOAuth, OAuthAnswer } from "./oauth-request.ts";
import type { OAuthServer } from "./oauth-servers.ts";
import type { TokenSet } from "./token-set.ts";

export type OAuthParts = {
  readonly ask: AskOAuth;
  readonly clock: Clock;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
};

export type DeviceCode = {
  /** What the person types. */
  readonly userCode: string;
  /** Where. */
  readonly verificationUri: string;
  /** Wall time in milliseconds. */
  readonly expiresAt: number;
  readonly intervalMs: number;
  /** Secret: whoever has it gets the token. */
  readonly deviceCode: string;
};

const DEFAULT_INTERVAL_MS = 5000;
/** By which RFC 8628, 3.5, wants the interval longer. */
const SLOWER_MS = 5000;
/** Where the server does not say; GitHub's. */
const DEFAULT_LIFE_MS = 900_000;

/** @throws LullError `OAUTH_FAILED` (kind `auth`), `OAUTH_UNREACHABLE` */
export async function requestDeviceCode(
  server: OAuthServer,
  { ask, clock }: OAuthParts,
  signal: AbortSignal,
): Promise<DeviceCode> {
  const answer = await ask(server.deviceUrl, { client_id: server.clientId, scope: server.scope }, signal);
  const deviceCode = answer.text("device_code");
  const userCode = answer.text("user_code");
  const verificationUri = answer.text("verification_uri") ?? answer.text("verification_url");
  if (answer.error !== undefined || !deviceCode || !userCode || !verificationUri)
    throw loginFailed(answer, server);
  registerSecret(deviceCode);
  return {
    userCode: safeText(userCode),
    verificationUri: safeText(verificationUri),
    expiresAt: clock.now() + (answer.seconds("expires_in") ?? DEFAULT_LIFE_MS),
    intervalMs: answer.seconds("interval") ?? DEFAULT_INTERVAL_MS,
    deviceCode,
  };
}

/**
 * Asks in the server's own rhythm until the person has agreed.
 * @throws LullError `LOGIN_DENIED`, `LOGIN_EXPIRED`, `OAUTH_FAILED` (kind `auth`)
 */
export async function awaitToken(
  server: OAuthServer,
  code: DeviceCode,
  parts: OAuthParts,
  signal: AbortSignal,
): Promise<TokenSet> {
  const { ask, clock, sleep } = parts;
  const form = {
    grant_type: "urn:ietf:params:oauth:grant-type:device_code",
    device_code: code.deviceCode,
    client_id: server.clientId,
  };
  for (let interval = code.intervalMs; ;) {
    await sleep(interval, signal);
    if (clock.now() >= code.expiresAt) throw expired();
    const answer = await patiently(() => ask(server.tokenUrl, form, signal));
    switch (answer?.error) {
      case "authorization_pending":
        break;
      case "slow_down":
        interval = Math.max(interval + SLOWER_MS, answer.seconds("interval") ?? 0);
        break;
      case "access_denied":
        throw loginError("LOGIN_DENIED", "the login was refused in the browser");
      case "expired_token":
        throw expired();
      default:
        if (answer !== undefined) return tokenSetOf(answer, server, clock);
        interval += SLOWER_MS;
    }
  }
}

/**
 * Reads a token answer, also of a renewal.
 * @throws LullError `OAUTH_FAILED` (kind `auth`)
 */
export function tokenSetOf(
  answer: OAuthAnswer,
  server: Pick<OAuthServer, "clientId" | "tokenUrl" | "username">,
  clock: Clock,
): TokenSet {
  const token = answer.text("access_token");
  if (answer.error !== undefined || token === undefined) throw loginFailed(answer, server);
  const life = answer.seconds("expires_in");
  return {
    token,
    username: server.username,
    refreshToken: answer.text("refresh_token"),
    expiresAt: life === undefined ? undefined : clock.now() + life,
    clientId: server.clientId,
    tokenUrl: server.tokenUrl,
  };
}

/** A network that is away for a moment must not cost the person the code. */
async function patiently(ask: () => Promise<OAuthAnswer>): Promise<OAuthAnswer | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof LullError && error.code === "OAUTH_UNREACHABLE") return undefined;
    throw error;
  }
}

function expired(): LullError {
  return loginError("LOGIN_EXPIRED", "the code was not entered in time");
}

function loginError(code: string, message: string): LullError {
  return new LullError({ kind: "auth", code, message, hint: "run `lull auth login` again" });
}

function loginFailed(answer: OAuthAnswer, { tokenUrl }: Pick<OAuthServer, "tokenUrl">): LullError {
  const said = answer.description ?? answer.error ?? "it gave no token";
  return new LullError({
    kind: "auth",
    code: "OAUTH_FAILED",
    message: `${new URL(tokenUrl).host} did not let lull log in: ${safeText(redact(said).slice(0, 200))}`,
    causes: ["the client id is wrong", "the application there does not allow the device flow"],
    hint: "check --client-id, or use an access token: `lull auth login --with-token`",
    data: answer.error === undefined ? {} : { error: safeText(answer.error) },
  });
}
