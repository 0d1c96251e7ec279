import { expect, test } from "bun:test";

import { environmentCredential } from "../../src/secrets/environment-credentials.ts";

test("the variable of the host and port goes before that of the host, and both before the common one", () => {
  const environment: Record<string, string> = {
    LULL_TOKEN: "common",
    LULL_TOKEN_GIT_EXAMPLE_COM: "host",
    LULL_TOKEN_GIT_EXAMPLE_COM_8443: "port",
  };
  const ask = (origin: string) => environmentCredential(environment, origin)?.credential;
  expect(ask("https://git.example.com:8443")).toEqual({ token: "port" });
  expect(ask("https://git.example.com")).toEqual({ token: "host" });
  expect(ask("https://other.example.com")).toEqual({ token: "common" });
});

test("the tokens of GitHub and GitLab go nowhere else, and never over plain http", () => {
  const environment = { GITHUB_TOKEN: "hub", GITLAB_TOKEN: "lab" };
  const ask = (origin: string) => environmentCredential(environment, origin)?.credential;
  expect(ask("https://github.com")).toEqual({ token: "hub" });
  expect(ask("https://gitlab.com")).toEqual({ token: "lab" });
  for (const origin of [
    "http://github.com",
    "https://github.com:8443",
    "https://github.com.evil.example",
    "https://evil.example",
  ]) {
    expect(ask(origin)).toBeUndefined();
  }
});

test("a value with a colon is user and password, and blanks around a value are not part of it", () => {
  const environment = {
    LULL_TOKEN_A_EXAMPLE: "me:pass:word",
    LULL_TOKEN_B_EXAMPLE: " tok\r\n",
    LULL_TOKEN: " ",
  };
  const ask = (origin: string) => environmentCredential(environment, origin)?.credential;
  expect(ask("https://a.example")).toEqual({ username: "me", password: "pass:word" });
  expect(ask("https://b.example")).toEqual({ token: "tok" });
  expect(ask("https://c.example")).toBeUndefined();
});
