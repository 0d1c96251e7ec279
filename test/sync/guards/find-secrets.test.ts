/** True and false alarms. No secret stands in this file as a whole: those who search sources for secrets would find it. */
import { expect, test } from "bun:test";

import { findSecrets, LARGEST_SEARCHED, secretsIn } from "../../../src/sync/guards/find-secrets.ts";

/** Made-up, of the characters that tokens have, the same in each run. */
function noise(length: number, alphabet: string): string {
  let state = 7;
  let text = "";
  while (text.length < length) {
    state = (state * 48_271) % 2_147_483_647;
    text += alphabet[state % alphabet.length] ?? "";
  }
  return text;
}

const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER = "abcdefghijklmnopqrstuvwxyz";
const WORD = `${UPPER}${LOWER}23456789`;
const HEX = "abcdef23456789";
const word = (length: number): string => noise(length, WORD);
const hex = (length: number): string => noise(length, HEX);
const key = (kind: string, line = "\n"): string =>
  [
    `-----BEGIN ${kind}PRIVATE KEY-----`,
    word(64),
    word(64),
    word(20),
    `-----END ${kind}PRIVATE KEY-----`,
  ].join(line);

const SECRETS: readonly (readonly [what: string, text: string, path?: string])[] = [
  ["a private key", key("RSA ")],
  ["a private key", key("OPENSSH ")],
  ["a private key", key("")],
  ["a private key", key("ENCRYPTED ")],
  [
    "a private key",
    `Proc-Type line\n${key("EC ").replace("-----\n", "-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,AB\n\n")}`,
  ],
  ["a private key", JSON.stringify({ type: "service_account", private_key: key("") })],
  ["a private key", key("", "\r\n")],
  ["an age key", `AGE-SECRET-KEY-1${noise(58, `${UPPER}234567`)}`],
  ["an AWS secret key", `aws_secret_access_key = ${word(40)}`],
  ["an AWS secret key", `export AWS_SECRET_ACCESS_KEY="${word(40)}"`],
  ["an AWS secret key", `"SecretAccessKey": "${word(40)}"`],
  ["a GitHub token", `token: ${["ghp", word(36)].join("_")}`],
  ["a GitHub token", `https://x:${["gho", word(36)].join("_")}@github.com/a/b`],
  ["a GitHub token", ["github", "pat", word(22), word(59)].join("_")],
  ["a GitLab token", `glpat-${word(20)}`],
  ["a Slack token", ["xoxb", noise(12, "23456789"), noise(12, "3456789"), word(24)].join("-")],
  ["a Slack webhook", `https://hooks.slack.com/services/${["T1A2B3C4D", "B9Z8Y7X6W", word(24)].join("/")}`],
  ["a Stripe key", ["sk", "live", word(24)].join("_")],
  ["an npm token", ["npm", word(36)].join("_")],
  ["a login of npm", `//registry.npmjs.org/:_authToken=${word(36)}`, ".npmrc"],
  ["a PyPI token", `pypi-AgEIcHlwaS5vcmc${word(60)}`],
  ["an Azure storage key", `AccountName=a;AccountKey=${word(86)}==;EndpointSuffix=x`],
  ["a SendGrid key", ["SG", word(22), word(43)].join(".")],
  ["an OpenAI key", `sk-proj-${word(60)}`],
  ["an Anthropic key", `sk-ant-api03-${word(93)}`],
  ["a Google OAuth secret", `GOCSPX-${word(28)}`],
  ["a Hugging Face token", ["hf", word(34)].join("_")],
  ["a DigitalOcean token", ["dop", "v1", hex(64)].join("_")],
  ["a Shopify token", ["shpat", hex(32)].join("_")],
  ["a Telegram bot token", `${noise(9, "23456789")}:AA${word(33)}`],
  ["a password in a URL", `DATABASE=postgres://app:${word(12)}@db.internal:5432/app`],
  ["a password", `machine github.com login ada password ${word(12)}`, ".netrc"],
  ["a login of a registry", `{"auths":{"r.io":{"auth": "${word(24)}"}}}`, ".docker/config.json"],
  ["a password", `DB_HOST=localhost\nDB_PASSWORD=${word(12)}\n`, "app/.env"],
  ["a password", `export API_KEY='${word(16)}'`, ".env.production"],
];

test.each(SECRETS)("%s is found: %#", (what, text, path = "notes/setup.txt") => {
  const found = findSecrets(path, Buffer.from(`first line\n${text}\n`));
  expect(found.map((one) => one.what)).toContain(what);
  expect(found[0]?.line).toBeGreaterThan(1);
});

const HARMLESS: readonly (readonly [text: string, path?: string])[] = [
  ["-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQ\nMIIBIjANBgkqhkiG9w0BAQ\n-----END PUBLIC KEY-----"],
  ["if text.startswith('-----BEGIN RSA PRIVATE KEY-----'):"],
  ["-----BEGIN PRIVATE KEY-----\n…\n-----END PRIVATE KEY-----"],
  ["aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"],
  [`aws_access_key_id = AKIA${noise(16, UPPER)}`],
  ["aws_secret_access_key = ${AWS_SECRET}"],
  [`ghp_${"x".repeat(36)}`],
  ["token: ghp_yourTokenHere"],
  ["https://user:password@host.org/"],
  ["postgres://postgres:sup3rs3cret@localhost:5432/x"],
  ["https://ada:${TOKEN}@github.com/a/b"],
  ["https://ada:<token>@github.com/a/b"],
  ["ssh://git@github.com:22/a/b"],
  ["see http://a.org:8080/x@y"],
  ["https://user:hunter22@www.example.com/"],
  [["sk", "test", word(24)].join("_")],
  ["//registry.npmjs.org/:_authToken=${NPM_TOKEN}", ".npmrc"],
  [`//registry.npmjs.org/:_authToken=${word(36)}`, "README.md"],
  ["machine example login ada password $PASSWORD", ".netrc"],
  ["DB_PASSWORD=changeme123\nSECRET=\nTOKEN=short\n", ".env"],
  [`DB_PASSWORD=${word(12)}`, ".env.example"],
  [`DB_PASSWORD=${word(12)}`, "docs/setup.md"],
  [`sha256: ${hex(64)}`],
  [`integrity: sha512-${word(86)}==`],
  [`AccountKey=${"0".repeat(86)}==`],
];

test.each(HARMLESS)("no alarm: %j", (text, path = "notes/setup.txt") => {
  expect(findSecrets(path, Buffer.from(`first line\n${text}\n`))).toEqual([]);
});

test("binary and very large files are not searched", () => {
  const token = ["ghp", word(36)].join("_");
  expect(findSecrets("a", Buffer.from(`\0${token}`))).toEqual([]);
  const padding = " ".repeat(LARGEST_SEARCHED - token.length);
  expect(findSecrets("a", Buffer.from(padding + token))).toHaveLength(1);
  expect(findSecrets("a", Buffer.from(`${padding} ${token}`))).toEqual([]);
});

test("a finding tells kind and line, and nothing of the secret; known ones are passed over", () => {
  const one = ["ghp", word(36)].join("_");
  const other = `glpat-${word(24)}`;
  const found = findSecrets("a.txt", Buffer.from(`${one}\n\n${other}\n`));
  const finding = secretsIn("a.txt", found, new Set());
  expect(finding?.reason).toBe("it seems to hold a GitHub token in line 1 and 1 more");
  expect(JSON.stringify(finding)).not.toContain(word(20));
  const first = found[0]?.mark ?? "";
  expect(secretsIn("a.txt", found, new Set([first]))?.reason).toBe(
    "it seems to hold a GitLab token in line 3",
  );
  expect(secretsIn("a.txt", found, new Set(found.map(({ mark }) => mark)))).toBeUndefined();
});

test("hostile text does not hold the search up", () => {
  for (const piece of [
    "-----BEGIN PRIVATE KEY-----\n",
    "aws_",
    "://a:",
    "_auth=",
    "xoxb-1-",
    "PASSWORD",
    "PuTTY-User-Key-File-2: x\n",
  ]) {
    const text = piece.repeat(Math.floor(LARGEST_SEARCHED / piece.length));
    for (const path of ["a.txt", ".env", ".npmrc", ".netrc"])
      expect(findSecrets(path, Buffer.from(text)).length).toBeLessThanOrEqual(50);
  }
}, 20_000);
