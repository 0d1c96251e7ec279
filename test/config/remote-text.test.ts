/** Addresses of remotes and folders as the config takes them. */
import { describe, expect, test } from "bun:test";

import { folderProblem, remoteProblem, secretInUrl } from "../../src/config/remote-text.ts";
import { parseRemoteUrl } from "../../src/transport/remote-url.ts";

const GOOD = [
  "https://host/me/x.git",
  "http://127.0.0.1:8080/x",
  "https://ada:pw@host/x",
  "ssh://git@host:22/x",
  "git+ssh://host/x",
  "git@host:me/x.git",
  "host:x",
  "file:///srv/x.git",
  "/srv/x.git",
  "~/x.git",
  "C:\\x",
  "c:/x",
  "\\\\server\\share\\x",
  "[::1]:x",
];

describe("a remote that the config takes can be opened:", () => {
  for (const text of GOOD) {
    test(text, () => {
      expect(remoteProblem(text)).toBeUndefined();
      expect(() => parseRemoteUrl(text)).not.toThrow();
    });
  }
});

describe("no remote:", () => {
  const BAD: readonly (readonly [string, string])[] = [
    ["./x", "is a relative path"],
    ["../x:y", "is a relative path"],
    ["x/y", "is a relative path"],
    ["x/y:z", "is a relative path"],
    ["notes", "is a relative path"],
    ["host:", "is a relative path"],
    ["htps://host/x", "did you mean `https://`?"],
    ["git://host/x", "lull speaks https"],
    ["https:/host/x", "needs two slashes: https://…"],
    ["https:///a/b", "has no valid host name"],
    ["https://", "has no valid host name"],
    ["~bob/x", "the home of another user"],
    ["/x\n", "line break"],
  ];
  for (const [text, reason] of BAD) test(text.trim(), () => expect(remoteProblem(text)).toContain(reason));
});

test("a folder is a path of this machine", () => {
  for (const text of ["~/x", "~", "/x", "x", "C:\\x", "./x"]) expect(folderProblem(text)).toBeUndefined();
  expect(folderProblem("~bob/x")).toContain("another user");
  expect(folderProblem("https://h/x")).toContain("`remote`");
  expect(folderProblem("git@h:x")).toContain("`remote`");
});

test("a secret in an address is recognised", () => {
  const found = (url: string) => secretInUrl(url);
  expect(found("https://ada:pw@h/x")).toBe("password");
  expect(found("https://ada:p@w@h/x")).toBe("password");
  expect(found("ssh://ada:pw@h/x")).toBe("password");
  expect(found("https://ghp_abcdef@h/x")).toBe("token");
  expect(found("https://glpat-abcdef:@h/x")).toBe("token");
  expect(found("https://0123456789abcdef0123456789abcdef01234567@h/x")).toBe("token");
  for (const url of [
    "https://ada@h/x",
    "https://h/x@y",
    "ssh://git@h/x",
    "git@h:x",
    "/x",
    "https://oauth2@h",
  ])
    expect(found(url)).toBeUndefined();
});
