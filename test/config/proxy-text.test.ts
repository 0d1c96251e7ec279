import { expect, test } from "bun:test";

import { load, problemOf } from "./problem-of.ts";

test.each([
  ["auto", { kind: "auto" }],
  ["none", { kind: "none" }],
  ["http://proxy:3128", { kind: "url", url: "http://proxy:3128" }],
  ["https://ada@proxy.example.com/", { kind: "url", url: "https://ada@proxy.example.com/" }],
] as const)("the proxy %s is taken", (text, expected) => {
  expect(load(`transport: { proxy: "${text}" }`).config.transport.proxy).toEqual(expected);
});

test.each([
  ["proxy:3128", "write http://<host>:<port>"],
  ["ada:s3cret@proxy:3128", "write http://<host>:<port>"],
  ["socks5://ada:s3cret@proxy:1080", "SOCKS"],
  ["ftp://proxy", "no address of an HTTP proxy"],
  ["http://ada:s3cret/x@proxy", "%XX"],
  ["http://", "no valid host name"],
  ["http://proxy:3128/path", "goes on after the host"],
  ["off", "`none`"],
])("the proxy %s is refused in words, without its password", (text, words) => {
  const { message, causes } = problemOf(`transport: { proxy: "${text}" }`);
  const said = [message, ...causes].join("\n");
  expect(said).toContain("`transport.proxy`");
  expect(said).toContain(words);
  expect(said).not.toContain("s3cret");
});

test("a source takes what it does not set itself from all, and paths count from the home folder", () => {
  const { config } = load(`transport: { proxy: http://proxy:1, ca: ~/ca.pem }
sources:
  a: { repo: ~/a, transport: { proxy: none } }
  b: { repo: ~/b, transport: { ca: /etc/b.pem } }
`);
  expect(config.sources.map(({ transport }) => transport)).toEqual([
    { ssh: "auto", proxy: { kind: "none" }, ca: "/home/me/ca.pem" },
    { ssh: "auto", proxy: { kind: "url", url: "http://proxy:1" }, ca: "/etc/b.pem" },
  ]);
});

test("a password in the address is warned of once, with the way out and without itself", () => {
  const { warnings } = load(`transport: { proxy: "http://ada:s3cret@proxy:3128" }
sources: { a: { repo: ~/a }, b: { repo: ~/b, transport: { proxy: "http://bob:s3cret@other" } } }
`);
  expect(warnings).toHaveLength(2);
  expect(warnings[0]).toContain("`transport.proxy` holds a password");
  expect(warnings[0]).toContain("lull secret set http://proxy:3128");
  expect(warnings[1]).toContain("`sources.b.transport.proxy`");
  expect(warnings.join()).not.toContain("s3cret");
});
