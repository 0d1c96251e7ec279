/** The login in the browser against a stand-in for GitHub and GitLab, with hours passing at once. */
import { expect, test } from "bun:test";

import { redact } from "../../src/base/redact.ts";
import { createDeviceLogins } from "../../src/secrets/device-login.ts";
import { createAskOAuth } from "../../src/secrets/oauth-request.ts";
import { serviceOf } from "../../src/secrets/oauth-servers.ts";
import { readTokenSet } from "../../src/secrets/token-set.ts";
import { fakeClock } from "../helpers/fake-clock.ts";
import { type OAuthReply, startFakeOAuthServer } from "../helpers/fake-oauth-server.ts";
import { failureOf } from "../helpers/thrown.ts";

const askOAuth = createAskOAuth(fetch);

const { signal } = new AbortController();
const START = Date.parse("2026-01-01T00:00:00Z");

const pending: OAuthReply = { body: { error: "authorization_pending" } };
const granted: OAuthReply = {
  body: { access_token: "gho_canary0123456789canary", token_type: "bearer", scope: "repo" },
};

/** @param replies of the token endpoint, in order */
async function login(replies: readonly OAuthReply[], service: "github" | "gitlab" = "github") {
  await using server = startFakeOAuthServer();
  server.replies = [...replies];
  const clock = fakeClock(START);
  const slept: number[] = [];
  const sleep = async (ms: number): Promise<void> => {
    slept.push(ms);
    clock.advance(ms);
  };
  const logins = createDeviceLogins({ ask: askOAuth, clock, sleep });
  const started = await logins.start({ service, base: `${server.url}/`, clientId: "client" }, signal);
  try {
    return { ...started, slept, requests: server.requests, result: await started.finish(), error: undefined };
  } catch (error) {
    return { ...started, slept, requests: server.requests, result: undefined, error };
  }
}

test("GitHub: asks in the given rhythm, slower when told to, until the person has agreed", async () => {
  const slow: OAuthReply = { body: { error: "slow_down", interval: 10 } };
  const { code, slept, requests, result } = await login([pending, slow, pending, granted]);
  expect(code).toEqual({
    userCode: "WDJB-MJHT",
    verificationUri: expect.stringContaining("/login/device"),
    expiresAt: START + 900_000,
    intervalMs: 5000,
  });
  expect(slept).toEqual([5000, 5000, 10_000, 10_000]);
  expect(requests.map(({ path }) => path)).toEqual([
    "/login/device/code",
    ...Array<string>(4).fill("/login/oauth/access_token"),
  ]);
  expect(requests[0]?.form).toEqual({ client_id: "client", scope: "repo workflow" });
  expect(requests[1]?.form).toEqual({
    client_id: "client",
    device_code: "canary-device-code-0123456789",
    grant_type: "urn:ietf:params:oauth:grant-type:device_code",
  });
  expect(result).toMatchObject({
    credential: { token: "gho_canary0123456789canary" },
    expiresAt: undefined,
    renews: false,
  });
});

test("GitLab: pending is a status 400; the token expires, is renewed, and goes with its own user name", async () => {
  const { result, requests } = await login(
    [
      { status: 400, body: { error: "authorization_pending" } },
      { body: { access_token: "canary-access", refresh_token: "canary-refresh", expires_in: 7200 } },
    ],
    "gitlab",
  );
  expect(requests.map(({ path }) => path)).toEqual([
    "/oauth/authorize_device",
    "/oauth/token",
    "/oauth/token",
  ]);
  expect(result).toMatchObject({
    credential: { username: "oauth2", password: "canary-access" },
    renews: true,
  });
  expect(result?.expiresAt).toBe(START + 10_000 + 7_200_000);
  expect(readTokenSet(result?.stored ?? "")).toMatchObject({
    refreshToken: "canary-refresh",
    clientId: "client",
  });
  for (const secret of ["canary-device-code-0123456789", "canary-access", "canary-refresh"])
    expect(redact(`it is ${secret}`)).toBe("it is ***");
});

test.each([
  ["refused in the browser", { body: { error: "access_denied" } }, "LOGIN_DENIED"],
  ["expired by the server", { status: 400, body: { error: "expired_token" } }, "LOGIN_EXPIRED"],
  ["an application without the device flow", { body: { error: "unauthorized_client" } }, "OAUTH_FAILED"],
  ["an answer without a token", { body: {} }, "OAUTH_FAILED"],
  ["a web page", { status: 404, body: "<html>" }, "OAUTH_FAILED"],
  ["a redirect", { status: 302, body: "{}" }, "OAUTH_FAILED"],
] as const)("%s ends the login", async (_, reply, code) => {
  const { error, requests } = await login([pending, reply]);
  expect(error).toMatchObject({ kind: "auth", code });
  expect(requests).toHaveLength(3);
});

test("a code that nobody enters expires by the clock", async () => {
  const { error, slept } = await login([pending]);
  expect(error).toMatchObject({ code: "LOGIN_EXPIRED" });
  expect(slept).toHaveLength(180);
});

test("a server that is away for a moment does not cost the code", async () => {
  const { result, slept } = await login([{ status: 503, body: "" }, granted]);
  expect(result).toBeDefined();
  expect(slept).toEqual([5000, 10_000]);
});

test("a wrong client id is told of with the server's own words", async () => {
  await using server = startFakeOAuthServer();
  server.code = {
    status: 401,
    body: { error: "invalid_client", error_description: "Client \u001b[31mnot found" },
  };
  const logins = createDeviceLogins({ ask: askOAuth, clock: fakeClock(), sleep: async () => {} });
  const error = await failureOf(logins.start({ service: "gitlab", base: server.url, clientId: "x" }, signal));
  expect(error).toMatchObject({ kind: "auth", code: "OAUTH_FAILED" });
  expect(error.message).toContain("Client \\x1b[31mnot found");
  expect(error.hint).toContain("--with-token");
});

test("a login does not travel in plain text, and an absent server is unreachable", async () => {
  expect(await failureOf(askOAuth("http://git.example.com/oauth/token", {}, signal))).toMatchObject({
    code: "BAD_LOGIN_URL",
  });
  expect(await failureOf(askOAuth("http://127.0.0.1:1/oauth/token", {}, signal))).toMatchObject({
    kind: "unreachable",
  });
  const over = AbortSignal.abort();
  expect(await failureOf(askOAuth("http://127.0.0.1:1/oauth/token", {}, over))).toMatchObject({
    code: "INTERRUPTED",
  });
});

test.each([
  ["https://github.com", "github"],
  ["https://github.example.com", "github"],
  ["https://acme.ghe.com", "github"],
  ["https://gitlab.com", "gitlab"],
  ["https://gitlab.example.com", "gitlab"],
  ["https://git.gitlab.example.com:8443", "gitlab"],
  ["https://notgithub.com", undefined],
  ["https://git.example.com", undefined],
] as const)("%s is served by %p", (origin, service) => {
  expect(serviceOf(origin)).toBe(service);
});
