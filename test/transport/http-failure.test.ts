import { describe, expect, test } from "bun:test";

import { fetchFailure, type FailureContext } from "../../src/transport/http-failure.ts";
import { type Proxy, proxyFor } from "../../src/transport/http-proxy.ts";

const failing = (code: string, more: Partial<FailureContext> = {}, hasNetwork = true) =>
  fetchFailure(Object.assign(new Error("what the runtime says"), { code }), {
    doing: "read the refs of x",
    url: "https://git.example.org/x",
    signal: new AbortController().signal,
    phase: "connect",
    proxy: undefined,
    hasNetwork: () => hasNetwork,
    ...more,
  });

describe("without any network", () => {
  test("whatever failed on the way is OFFLINE, and can be tried again", () => {
    for (const code of ["ENOTFOUND", "EAI_AGAIN", "ENETUNREACH", "ECONNREFUSED", "whatever"]) {
      const error = failing(code, {}, false);
      expect(error).toMatchObject({
        code: "OFFLINE",
        kind: "unreachable",
        data: { host: "git.example.org:443" },
      });
      expect(error.message).toContain("on no network");
    }
  });

  test("a server of this machine is just not there", () => {
    for (const host of ["localhost:8080", "127.0.0.1", "[::1]:3000", "git.localhost"])
      expect(failing("ECONNREFUSED", { url: `http://${host}/x` }, false).code).toBe("NETWORK");
  });

  test("a bad certificate stays one, and so does an answer that breaks off", () => {
    expect(failing("CERT_HAS_EXPIRED", {}, false).code).toBe("TLS");
    expect(failing("ECONNRESET", { phase: "answer" }, false).code).toBe("TRUNCATED");
  });
});

test("with a network the same is NETWORK, with the reason", () => {
  expect(failing("ENOTFOUND")).toMatchObject({ code: "NETWORK" });
  for (const proxy of [undefined, { host: "proxy:1", from: "HTTPS_PROXY" } as Proxy])
    for (const code of ["ECONNREFUSED", "ConnectionRefused"])
      expect(failing(code, { proxy }).causes.join()).not.toContain("offline");
  expect(failing("ENOTFOUND").message).toContain("the host name is unknown (git.example.org:443, ENOTFOUND)");
});

test.each([
  ["https://h.example/x", { HTTPS_PROXY: "http://u:p@proxy:8080" }, "HTTPS_PROXY proxy:8080"],
  ["https://h.example/x", { https_proxy: "proxy:8080", HTTPS_PROXY: "other" }, "https_proxy proxy:8080"],
  ["https://h.example/x", { HTTP_PROXY: "http://proxy" }, "straight"],
  ["http://h.example/x", { HTTP_PROXY: "http://proxy:3128" }, "HTTP_PROXY proxy:3128"],
  ["http://h.example/x", { ALL_PROXY: "socks5://proxy:1080" }, "ALL_PROXY proxy:1080"],
  ["http://h.example/x", { HTTP_PROXY: "" }, "straight"],
  ["http://h.example/x", { HTTP_PROXY: "http://proxy:1", NO_PROXY: "other, .EXAMPLE" }, "straight"],
  ["http://h.example/x", { HTTP_PROXY: "http://proxy:1", NO_PROXY: "*" }, "straight"],
  ["http://h.example:81/x", { HTTP_PROXY: "http://proxy:1", no_proxy: "h.example:80" }, "HTTP_PROXY proxy:1"],
  ["https://h.example/x", { HTTPS_PROXY: "http://proxy:1", NO_PROXY: "h.example:443" }, "straight"],
  ["http://notexample/x", { HTTP_PROXY: "http://proxy:1", NO_PROXY: "example" }, "HTTP_PROXY proxy:1"],
  ["http://h.example/x", { HTTP_PROXY: "http://[broken" }, "HTTP_PROXY of that name"],
])("%s with %j goes %s", (url, environment, expected) => {
  const proxy = proxyFor(url, { setting: { kind: "auto" }, ofGit: undefined, environment });
  expect(proxy === undefined ? "straight" : `${proxy.from} ${proxy.host}`).toBe(expected);
});

const COMPANY = { kind: "url", url: "http://ada:pw@company:3128" } as const;

test.each([
  [
    "the config goes before git and the environment",
    COMPANY,
    "http://git:1",
    {},
    "`transport.proxy` company:3128",
  ],
  [
    "the hosts of NO_PROXY need none, whoever names it",
    COMPANY,
    undefined,
    { NO_PROXY: "h.example" },
    "straight",
  ],
  ["none is none", { kind: "none" }, "http://git:1", {}, "straight"],
  ["git goes before the environment", { kind: "auto" }, "git:1", {}, "git's `http.proxy` git:1"],
  ["git's empty value is none", { kind: "auto" }, "", {}, "straight"],
  ["else the environment counts", { kind: "auto" }, undefined, {}, "HTTPS_PROXY environment:8080"],
] as const)("of several proxies %s", (...[, setting, ofGit, more, expected]) => {
  const environment = { HTTPS_PROXY: "http://environment:8080", ...more };
  const proxy = proxyFor("https://h.example/x", { setting, ofGit, environment });
  expect(proxy === undefined ? "straight" : `${proxy.from} ${proxy.host}`).toBe(expected);
});
