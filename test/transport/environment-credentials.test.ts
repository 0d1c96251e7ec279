import { expect, test } from "bun:test";

import { environmentCredentials } from "../../src/transport/environment-credentials.ts";

test("the variable of the host and port goes before that of the host, and both before the common one", async () => {
  const environment: Record<string, string> = {
    LULL_TOKEN: "common",
    LULL_TOKEN_GIT_EXAMPLE_COM: "host",
    LULL_TOKEN_GIT_EXAMPLE_COM_8443: "port",
  };
  const ask = environmentCredentials(environment);
  expect(await ask("https://git.example.com:8443")).toEqual({ token: "port" });
  expect(await ask("https://git.example.com")).toEqual({ token: "host" });
  expect(await ask("https://other.example.com")).toEqual({ token: "common" });
});

test("the tokens of GitHub and GitLab go nowhere else, and never over plain http", async () => {
  const ask = environmentCredentials({ GITHUB_TOKEN: "hub", GITLAB_TOKEN: "lab" });
  expect(await ask("https://github.com")).toEqual({ token: "hub" });
  expect(await ask("https://gitlab.com")).toEqual({ token: "lab" });
  for (const origin of [
    "http://github.com",
    "https://github.com:8443",
    "https://github.com.evil.example",
    "https://evil.example",
  ]) {
    expect(await ask(origin)).toBeUndefined();
  }
});

test("a value with a colon is user and password, and blanks around a value are not part of it", async () => {
  const ask = environmentCredentials({
    LULL_TOKEN_A_EXAMPLE: "me:pass:word",
    LULL_TOKEN_B_EXAMPLE: " tok\r\n",
    LULL_TOKEN: " ",
  });
  expect(await ask("https://a.example")).toEqual({ username: "me", password: "pass:word" });
  expect(await ask("https://b.example")).toEqual({ token: "tok" });
  expect(await ask("https://c.example")).toBeUndefined();
});
