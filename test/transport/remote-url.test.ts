import { describe, expect, test } from "bun:test";

import { LullError } from "../../src/base/errors.ts";
import { parseRemoteUrl } from "../../src/transport/remote-url.ts";

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
    ["git@host:--strict", "dash"],
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
