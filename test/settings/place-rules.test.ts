import { describe, expect, test } from "bun:test";

import type { AppPlace } from "../../src/config/app-definition.ts";
import { placeRules, type Taking } from "../../src/settings/place-rules.ts";
import { isSecretName } from "../../src/settings/secret-names.ts";

const PLACE: AppPlace = {
  at: {},
  as: "",
  files: ["settings.json", "themes/", "*.conf", "*/options/*.xml"],
  exclude: ["themes/cache/", "**/*.bak"],
  encrypt: ["secret.conf", "keys/", "themes/cache/kept.key"],
};

test.each<readonly [string, Taking]>([
  ["settings.json", "plain"],
  ["other.json", undefined],
  ["deep/settings.json", undefined],
  ["themes/dark.json", "plain"],
  ["themes/deep/.hidden/a b.json", "plain"],
  ["themes", undefined],
  ["a.conf", "plain"],
  [".a.conf", "plain"],
  ["deep/a.conf", undefined],
  ["2024.1/options/editor.xml", "plain"],
  ["2024.1/options/deep/editor.xml", undefined],
  ["secret.conf", "encrypted"],
  ["keys/one/two", "encrypted"],
  ["themes/cache/x", undefined],
  ["themes/cache/kept.key", undefined],
  ["themes/old.bak", undefined],
  ["themes/id_ed25519", "encrypted"],
  ["themes/deep/credentials.json", "encrypted"],
])("%s is taken as %p", (path, taking) => {
  expect(placeRules(PLACE)(path)).toBe(taking);
});

describe("a secret by its name", () => {
  test.each([
    "id_rsa",
    "server.pem",
    "tls.KEY",
    "vault.kdbx",
    ".netrc",
    "_netrc",
    ".npmrc",
    ".pypirc",
    ".git-credentials",
    "credentials",
    "credentials.toml",
    ".credentials.json",
    "token",
    "access_token.json",
    "auth.json",
    ".env",
    ".env.local",
  ])("%s is one, at any depth", (name) => {
    expect(isSecretName(name)).toBe(true);
    expect(isSecretName(`a/b/${name}`)).toBe(true);
  });

  test.each([
    "id_rsa.pub",
    "tokens.lua",
    "keymap.json",
    "credentials.md",
    ".env.example",
    "auth.lua",
    "token/x",
  ])("%s is none", (name) => expect(isSecretName(name)).toBe(false));
});
