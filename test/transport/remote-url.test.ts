import { describe, expect, test } from "bun:test";

import { LullError } from "../../src/base/errors.ts";
import { parseRemoteUrl, redactUrl, sanitiseUrl } from "../../src/transport/remote-url.ts";

describe("parseRemoteUrl", () => {
  test("takes the credential out of an http URL and trailing slashes off its path", () => {
    expect(parseRemoteUrl("https://me:p%40ss@Git.Example.com:8443/me/notes.git//")).toEqual({
      kind: "http",
      url: "https://git.example.com:8443/me/notes.git",
      origin: "https://git.example.com:8443",
      credential: { username: "me", password: "p@ss" },
    });
    expect(parseRemoteUrl("http://localhost/x")).toEqual({
      kind: "http",
      url: "http://localhost/x",
      origin: "http://localhost",
      credential: undefined,
    });
    expect(parseRemoteUrl("HTTPS://token@github.com/a/b")).toMatchObject({
      kind: "http",
      url: "https://github.com/a/b",
      credential: { username: "token", password: "" },
    });
  });

  test.each([
    ["git@github.com:me/dotfiles.git", "git", "github.com", undefined, "me/dotfiles.git"],
    ["github.com:x", undefined, "github.com", undefined, "x"],
    ["me@[::1]:repo", "me", "[::1]", undefined, "repo"],
    ["ssh://git@host:2222/srv/x.git", "git", "host", 2222, "/srv/x.git"],
    ["ssh://host/~bob/x", undefined, "host", undefined, "~bob/x"],
    ["git+ssh://host/a%20b", undefined, "host", undefined, "/a b"],
  ])("reads the ssh form %s", (text, ...[user, host, port, path]) => {
    expect(parseRemoteUrl(text)).toEqual({ kind: "ssh", user, host, port, path });
  });

  test.each([
    ["/srv/git/notes.git", "/srv/git/notes.git"],
    ["/odd:name@x", "/odd:name@x"],
    ["~/backup", "~/backup"],
    ["C:\\git\\notes", "C:\\git\\notes"],
    ["d:/git/notes", "d:/git/notes"],
    ["\\\\nas\\share\\notes.git", "\\\\nas\\share\\notes.git"],
    ["file:///srv/a%20b", "/srv/a b"],
    ["file://localhost/srv/x", "/srv/x"],
    ["file:///C:/git/x", "C:/git/x"],
    ["file://nas/share/x", "\\\\nas\\share\\x"],
  ])("reads the local form %s", (text, path) => {
    expect(parseRemoteUrl(text)).toEqual({ kind: "local", path });
  });

  test.each([
    ["", "empty"],
    ["notes.git", "neither"],
    ["../notes.git", "neither"],
    ["https://", "host name"],
    ["https:///path", "host name"],
    ["https://exa mple.com/x", "host name"],
    ["https://h/x?private_token=s3cret", "query"],
    ["https://h/x#s3cret", "query"],
    ["https://u%0a:s3cret@h/x", "line break"],
    ["https://u:%ff@h/x", "% sequence"],
    ["https://h/\nx", "control character"],
    ["git://host/x", "does not speak git"],
    ["ext::sh -c evil", "neither"],
    ["-oProxyCommand=evil:x", "dash"],
    ["ssh://-oProxyCommand=evil/x", "dash"],
    ["ssh://host", "path of the repository"],
    ["ssh://host/", "path of the repository"],
    ["file://", "path of the repository"],
    ["file:///a%00b", "% sequence"],
  ])("refuses %j and says why", (text, reason) => {
    let thrown: unknown;
    try {
      parseRemoteUrl(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(LullError);
    const { code, kind, message, hint } = thrown as LullError;
    expect({ code, kind }).toEqual({ code: "BAD_REMOTE_URL", kind: "usage" });
    expect(message).toContain(reason);
    expect(`${message} ${hint}`).not.toContain("s3cret");
  });
});

describe("redactUrl", () => {
  test.each([
    ["https://me:s3cret@host/x", "https://host/x"],
    ["https://s3cret@host/x", "https://host/x"],
    ["https://me:s3@cret@host/x", "https://host/x"],
    ["https://host/x?token=s3cret", "https://host/x"],
    ["https://host/x#s3cret", "https://host/x"],
    ["git@github.com:me/x.git", "github.com:me/x.git"],
    ["ssh://me:s3cret@host:22/x", "ssh://host:22/x"],
    ["me:s3cret@host/x", "host/x"],
    ["/srv/a@b/c", "/srv/a@b/c"],
    ["~/a@b", "~/a@b"],
    ["https://ho\u001b[31mst/x", "https://ho\\x1b[31mst/x"],
  ])("shows %j without its secrets", (text, shown) => {
    expect(redactUrl(text)).toBe(shown);
  });
});

describe("sanitiseUrl", () => {
  test.each([
    ["https://me:s3cret@host:8443/x/", "https://host:8443/x"],
    ["https://s3cret@host/x", "https://host/x"],
    ["ssh://me:s3cret@host:2222/x", "ssh://me@host:2222/x"],
    ["ssh://host/~bob/x", "ssh://host/~bob/x"],
    ["git@github.com:me/x.git", "git@github.com:me/x.git"],
    ["/srv/a@b", "/srv/a@b"],
  ])("stores %j without its secrets", (text, stored) => {
    expect(sanitiseUrl(text)).toBe(stored);
  });
});
