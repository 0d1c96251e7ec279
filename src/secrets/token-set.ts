import type { Credential } from "../base/credential.ts";
import { registerSecret } from "../base/redact.ts";

/** What a login by the browser brought, as it is stored under the origin it is for. */
export type TokenSet = {
  readonly token: string;
  /** What the server wants as the user name beside it; undefined: any. */
  readonly username: string | undefined;
  /** Undefined: the token can not be renewed without a person. */
  readonly refreshToken: string | undefined;
  /** Wall time in milliseconds; undefined: it does not expire by itself. */
  readonly expiresAt: number | undefined;
  readonly clientId: string;
  /** Where it is renewed. */
  readonly tokenUrl: string;
};

/** What goes to the remote. */
export function credentialOf({ token, username }: Pick<TokenSet, "token" | "username">): Credential {
  return username === undefined ? { token } : { username, password: token };
}

export function encodeTokenSet(set: TokenSet): string {
  return JSON.stringify({ version: 1, ...set });
}

/** Undefined: the text is no token set but a plain token or `user:password`. */
export function readTokenSet(text: string): TokenSet | undefined {
  if (!text.startsWith("{")) return undefined;
  const set = parsed(text);
  const { token, clientId, tokenUrl } = set;
  if (typeof token !== "string" || typeof clientId !== "string" || typeof tokenUrl !== "string")
    return undefined;
  const refreshToken = textOf(set["refreshToken"]);
  for (const secret of [token, refreshToken]) if (secret !== undefined) registerSecret(secret);
  const expiresAt = typeof set["expiresAt"] === "number" ? set["expiresAt"] : undefined;
  return { token, username: textOf(set["username"]), refreshToken, expiresAt, clientId, tokenUrl };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
