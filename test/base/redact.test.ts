import { expect, test } from "bun:test";

import { redact, redactIn, registerSecret } from "../../src/base/redact.ts";

const BASE64 = "c3VwZXItc2VjcmV0LWNhbmFyeQ==";

/** What, the text around it, the part that must go, what stays. */
const SHAPES: readonly (readonly [name: string, text: string, secret: string, shown: string])[] = [
  [
    "a URL's password",
    "cannot fetch https://ada:canary@h.example/x: 401",
    "canary",
    "cannot fetch https://***@h.example/x: 401",
  ],
  ["a URL's token", "to https://canary@h.example/x.git", "canary", "to https://***@h.example/x.git"],
  ["a password with a slash", "https://ada:ca/nary@h.example/x", "ca/nary", "https://***@h.example/x"],
  ["a password with a question mark", "https://ada:ca?nary@h.example/x", "nary", "https://***@h.example/x"],
  [
    "each of several addresses in one word",
    "https://h.example/x,https://ada:canary@h.example/y,ssh://git:canary@h.example",
    "canary",
    "https://h.example/x,https://***@h.example/y,ssh://git@h.example",
  ],
  ["a password before a query", "https://ada:pw@h/x?y=canary", "canary", "https://***@h/x"],
  ["an ssh password", "ssh://git:canary@h.example/x", "canary", "ssh://git@h.example/x"],
  ["an Authorization header", `Authorization: Basic ${BASE64}`, BASE64, "Authorization: ***"],
  ["a bare Bearer", `sent Bearer ${BASE64} to it`, BASE64, "sent Bearer *** to it"],
  ["a cookie", "Set-Cookie: session=canary; Path=/", "canary", "Set-Cookie: ***"],
  ["GitHub's classic token", "bad ghp_canary0123456789canary0123456789 given", "ghp_", "bad *** given"],
  ["GitHub's OAuth token", "gho_canary0123456789canary", "canary", "***"],
  ["GitHub's refresh token", "ghr_canary0123456789canary", "canary", "***"],
  ["GitHub's fine-grained token", "github_pat_11CANARY0_canary0123456789", "canary", "***"],
  ["GitLab's token", "(glpat-canary-0123456789abcd)", "canary", "(***)"],
  ["an AWS key", "key AKIACANARY0123456789", "CANARY", "key ***"],
  ["an AWS secret", "aws_secret_access_key = canary/canary+canary", "canary", "aws_secret_access_key = ***"],
  [
    "a private key",
    "-----BEGIN OPENSSH PRIVATE KEY-----\ncanary\ncanary\n-----END OPENSSH PRIVATE KEY-----\nend",
    "canary",
    "***\nend",
  ],
  ["a private key that is cut off", "x -----BEGIN RSA PRIVATE KEY-----\ncanary", "canary", "x ***"],
  ["a JSON Web Token", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.Y2FuYXJ5Y2FuYXJ5", "Y2FuYXJ5", "***"],
  ["an age key", "AGE-SECRET-KEY-1CANARYCANARYCANARYCANARY", "CANARY", "***"],
  ["a Slack token", "xoxb-canary-0123456789", "canary", "***"],
  [
    "a Slack webhook",
    "https://hooks.slack.com/services/T0/B0/canary",
    "canary",
    "https://hooks.slack.com/services/***",
  ],
  [
    "a password of a program",
    "login failed: password=canary user=ada",
    "canary",
    "login failed: password=*** user=ada",
  ],
  ["a query's token", "GET /x?access_token=canary&page=2", "canary", "GET /x?access_token=***&page=2"],
  [
    "a token in JSON",
    '{"refresh_token": "canary \\" canary", "n": 1}',
    "canary",
    '{"refresh_token": "***", "n": 1}',
  ],
  ["a password in YAML", "password: canary canary", "canary", "password: ***"],
  ["a token in YAML", "api_key: canary0123", "canary", "api_key: ***"],
];

test.each(SHAPES)("%s goes, what is around it stays", (_, text, secret, shown) => {
  expect(redact(text)).toBe(shown);
  expect(redact(text)).not.toContain(secret);
});

test.each([
  "https://h.example/@scope/x git@h.example:me/x.git ssh://git@h.example/x mail@h.example",
  "https://h.example:8443/x?page=2 https://h.example/x?to=a@b",
  "cannot fetch: the server refused the token or password (401)",
  "the token: permission denied",
  "set a valid token in LULL_TOKEN (or LULL_TOKEN_<HOST>) and run the command again",
  "secret_file: ~/.config/lull/webhook",
  "commit 7a5b1e8c9d0f2a3b4c5d6e7f8091a2b3c4d5e6f7 of basic/authors",
  "notes/tokens.md, notes/secret plans.md",
  "5 | token: ********",
])("%p stays", (text) => {
  expect(redact(text)).toBe(text);
});

test("what was read as a secret goes in each form: as it is, in a URL, in JSON, in Base64", () => {
  const secret = 'canary/"of mine"+é';
  registerSecret(secret);
  for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret)]) {
    expect(redact(`<${form}>`)).not.toContain("mine");
  }
  for (const user of ["", "a", "ab"]) {
    const header = Buffer.from(`${user}:${secret}`).toString("base64");
    expect(redact(`sent ${header}`)).toContain("***");
    expect(redact(`sent ${header}`).length).toBeLessThan(header.length);
  }
});

test("of two secrets of which one begins like the other both go whole", () => {
  registerSecret("canary-long");
  registerSecret("canary-long-and-longer");
  expect(redact("canary-long-and-longer, canary-long")).toBe("***, ***");
});

test("a secret too short to be told from ordinary words is not looked for", () => {
  registerSecret("note");
  expect(redact("notes are noted")).toBe("notes are noted");
});

test("every text inside a value is read, and names of fields stay", () => {
  const value = {
    token: ["ghp_canary0123456789canary"],
    count: 2,
    none: undefined,
    error: { url: "http://a:b@h/x" },
  };
  expect(redactIn(value)).toEqual({
    token: ["***"],
    count: 2,
    none: undefined,
    error: { url: "http://***@h/x" },
  });
});

test("a long text takes no long time, whatever it consists of", () => {
  for (const piece of [
    "a",
    "a:",
    "://",
    "token=",
    "password: ",
    "-----BEGIN A PRIVATE KEY-----",
    "eyJaaaaaaaaa.",
    "https://a@",
    "http://",
    "https://a:b/",
    "https://a:b@c/",
  ]) {
    const text = piece.repeat(200_000 / piece.length);
    expect(redact(text).length).toBeLessThanOrEqual(2 * text.length);
  }
}, 10_000);
