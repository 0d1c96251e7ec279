/** Tokens that expire: renewed in time, after a refusal, by one process only, and never lost for a bad network. */
import { expect, test } from "bun:test";

import type { FindCredential } from "../../src/secrets/credentials.ts";
import { createAskOAuth } from "../../src/secrets/oauth-request.ts";
import { createSecretStore, type SecretStore } from "../../src/secrets/secret-store.ts";
import { storedCredentials } from "../../src/secrets/stored-credentials.ts";
import { storedFiles } from "../../src/secrets/stored-files.ts";
import { encodeTokenSet, readTokenSet, type TokenSet } from "../../src/secrets/token-set.ts";
import { fakeClock } from "../helpers/fake-clock.ts";
import { type FakeOAuthServer, startFakeOAuthServer } from "../helpers/fake-oauth-server.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";
import { failureOf } from "../helpers/thrown.ts";

const askOAuth = createAskOAuth(fetch);

const { signal } = new AbortController();
const ORIGIN = "https://git.example.com";
const HOUR = 3_600_000;

async function machine(server: FakeOAuthServer, changes: Partial<TokenSet> = {}) {
  const clock = fakeClock();
  const directory = temporaryDirectory();
  const open = (): SecretStore =>
    createSecretStore({
      keychain: { ask: async () => ({ kind: "unavailable", why: "a test" }) },
      files: storedFiles(directory, () => {}),
      clock,
    });
  let last: Promise<unknown> = Promise.resolve();
  const lock = async (): Promise<Disposable> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = last;
    last = promise;
    await before;
    return { [Symbol.dispose]: resolve };
  };
  /** As another process has it. */
  const finder = (): FindCredential =>
    storedCredentials({ ask: askOAuth, clock, sleep: async () => {}, store: open(), lock, warn: () => {} });
  const set: TokenSet = {
    token: "first-access",
    username: "oauth2",
    refreshToken: "first-refresh",
    expiresAt: clock.now() + 2 * HOUR,
    clientId: "client",
    tokenUrl: `${server.url}/oauth/token`,
    ...changes,
  };
  await open().set(ORIGIN, encodeTokenSet(set), signal);
  const kept = async () => readTokenSet((await open().get(ORIGIN, signal))?.value ?? "");
  return { clock, finder, kept, set };
}

const renewed = {
  body: { access_token: "second-access", refresh_token: "second-refresh", expires_in: 7200 },
};

test("a token is used until shortly before it expires, then renewed and stored with its new refresh token", async () => {
  await using server = startFakeOAuthServer();
  server.replies = [renewed];
  const { clock, finder, kept } = await machine(server);
  const find = finder();
  expect(await find(ORIGIN, { signal })).toMatchObject({
    credential: { username: "oauth2", password: "first-access" },
    renews: true,
  });
  expect(server.requests).toEqual([]);
  clock.advance(2 * HOUR - 4 * 60_000);
  expect(await find(ORIGIN, { signal })).toMatchObject({ credential: { password: "second-access" } });
  expect(server.requests.map(({ form }) => form)).toEqual([
    { grant_type: "refresh_token", refresh_token: "first-refresh", client_id: "client" },
  ]);
  expect(await kept()).toMatchObject({
    token: "second-access",
    refreshToken: "second-refresh",
    expiresAt: clock.now() + 2 * HOUR,
  });
});

test("a token that the server refuses is renewed though it should still be good", async () => {
  await using server = startFakeOAuthServer();
  server.replies = [renewed];
  const { finder } = await machine(server);
  const refused = { username: "oauth2", password: "first-access" };
  expect(await finder()(ORIGIN, { signal, refused })).toMatchObject({
    credential: { password: "second-access" },
  });
  // The next one who was refused with the old token gets the new one without asking again.
  expect(await finder()(ORIGIN, { signal, refused })).toMatchObject({
    credential: { password: "second-access" },
  });
  expect(server.requests).toHaveLength(1);
});

test("of two processes one renews, as a refresh token counts once", async () => {
  await using server = startFakeOAuthServer();
  server.replies = [renewed, { status: 400, body: { error: "invalid_grant" } }];
  const { clock, finder } = await machine(server);
  clock.advance(3 * HOUR);
  const found = await Promise.all([finder(), finder(), finder()].map((find) => find(ORIGIN, { signal })));
  for (const one of found) expect(one).toMatchObject({ credential: { password: "second-access" } });
  expect(server.requests).toHaveLength(1);
});

test("a server that gives no new refresh token means that the old one stays", async () => {
  await using server = startFakeOAuthServer();
  server.replies = [{ body: { access_token: "second-access" } }];
  const { clock, finder, kept } = await machine(server);
  clock.advance(3 * HOUR);
  await finder()(ORIGIN, { signal });
  expect(await kept()).toMatchObject({ refreshToken: "first-refresh", expiresAt: undefined });
});

test("a login that has ended says so and how to go on", async () => {
  await using server = startFakeOAuthServer();
  server.replies = [{ status: 400, body: { error: "invalid_grant", error_description: "revoked" } }];
  const { clock, finder, kept } = await machine(server);
  clock.advance(3 * HOUR);
  const error = await failureOf(finder()(ORIGIN, { signal }));
  expect(error).toMatchObject({ kind: "auth", code: "LOGIN_ENDED" });
  expect(error.hint).toContain(`lull auth login --host ${ORIGIN}`);
  expect(await kept()).toMatchObject({ token: "first-access" });
});

test("without a network a token that is still good is used, and one that is over waits for the network", async () => {
  await using server = startFakeOAuthServer();
  server.replies = [{ status: 503, body: "" }];
  const { clock, finder } = await machine(server);
  clock.advance(2 * HOUR - 60_000);
  expect(await finder()(ORIGIN, { signal })).toMatchObject({ credential: { password: "first-access" } });
  clock.advance(HOUR);
  expect(await failureOf(finder()(ORIGIN, { signal }))).toMatchObject({ kind: "unreachable" });
});

test("what can not be renewed is used until it is over, and a refused one is given back", async () => {
  await using server = startFakeOAuthServer();
  const { clock, finder } = await machine(server, { refreshToken: undefined });
  const refused = { username: "oauth2", password: "first-access" };
  expect(await finder()(ORIGIN, { signal, refused })).toMatchObject({ credential: refused });
  clock.advance(3 * HOUR);
  expect(await failureOf(finder()(ORIGIN, { signal }))).toMatchObject({ code: "LOGIN_ENDED" });
  expect(server.requests).toEqual([]);
});
