/** The address of a remote in every form that git users write, and its forms that are safe to show and to store. */
import { LullError } from "../base/errors.ts";
import { redactUrl } from "../base/redact-url.ts";

/** What a person put before the `@` of an http URL; either may be the token. */
export type UrlCredential = { readonly username: string; readonly password: string };

export type RemoteUrl =
  | {
      readonly kind: "http";
      /** Scheme, host, port and path, without credential, query, fragment and trailing slashes. */
      readonly url: string;
      /** Scheme, host and port: where a credential may go. */
      readonly origin: string;
      readonly credential: UrlCredential | undefined;
    }
  | {
      readonly kind: "ssh";
      readonly user: string | undefined;
      readonly host: string;
      readonly port: number | undefined;
      readonly path: string;
    }
  /** An absolute path of this machine; `~/…` is left as it is for whoever knows the home folder. */
  | { readonly kind: "local"; readonly path: string };

/**
 * @param text `https://…`, `http://…`, `ssh://…`, `user@host:path`, `file://…`, `/path`, `~/path`, `C:\path`, `\\server\share`
 * @throws LullError `BAD_REMOTE_URL` (kind `usage`), without any part of a credential in its message
 */
export function parseRemoteUrl(text: string): RemoteUrl {
  // A line break in a host or user name has confused credential helpers before (CVE-2020-5260).
  if (/[\u0000-\u001f\u007f]/.test(text)) throw badUrl(text, "it contains a control character");
  if (text.trim() === "") throw badUrl(text, "it is empty");
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme !== undefined) return parseWithScheme(scheme, text);
  if (isLocalPath(text)) return { kind: "local", path: text };
  const scp = /^(?:([^@/:\s]+)@)?(\[[0-9a-f:.]+\]|[^@/:\s[\]]+):(.+)$/i.exec(text);
  if (scp !== null && scp[2] !== undefined && scp[3] !== undefined && !/^[a-z][a-z0-9+-]*::/i.test(text)) {
    return sshUrl(text, { user: scp[1], host: scp[2], port: undefined, path: scp[3] });
  }
  throw badUrl(text, "it is neither a URL nor an absolute path");
}

function parseWithScheme(scheme: string, text: string): RemoteUrl {
  switch (scheme) {
    case "http":
    case "https":
      return httpUrl(text);
    case "ssh":
    case "git+ssh":
    case "ssh+git": {
      const url = asUrl(`ssh${text.slice(scheme.length)}`, text);
      const path = decode(url.pathname, text);
      return sshUrl(text, {
        user: url.username === "" ? undefined : decode(url.username, text),
        host: url.hostname,
        port: url.port === "" ? undefined : Number(url.port),
        // `ssh://host/~user/x` means the user's home, as in git.
        path: path.startsWith("/~") ? path.slice(1) : path,
      });
    }
    case "file":
      return fileUrl(text);
    default:
      throw badUrl(text, `lull does not speak ${scheme}`);
  }
}

function httpUrl(text: string): RemoteUrl {
  // The URL standard would take the first folder of `https:///a/b` for the host.
  if (/^https?:\/\/[/\\]/i.test(text)) throw badUrl(text, "it has no valid host name");
  const url = asUrl(text, text);
  if (url.search !== "" || url.hash !== "") throw badUrl(text, "it has a query or fragment (?… or #…)");
  const given = url.username !== "" || url.password !== "";
  const credential = given
    ? { username: decode(url.username, text), password: decode(url.password, text) }
    : undefined;
  if (credential !== undefined && /[\r\n\0]/.test(credential.username + credential.password)) {
    throw badUrl(text, "its user name or password contains a line break");
  }
  return {
    kind: "http",
    url: `${url.origin}${url.pathname.replace(/\/+$/, "")}`,
    origin: url.origin,
    credential,
  };
}

function sshUrl(text: string, parts: Omit<RemoteUrl & { kind: "ssh" }, "kind">): RemoteUrl {
  // ssh would take a leading dash for an option (CVE-2017-1000117).
  if (parts.host === "" || parts.host.startsWith("-") || parts.user?.startsWith("-") === true) {
    throw badUrl(text, "its host or user name starts with a dash or is missing");
  }
  if (parts.path === "" || parts.path === "/") throw badUrl(text, "the path of the repository is missing");
  // It would be an option of the command on the server.
  if (parts.path.startsWith("-")) throw badUrl(text, "its path starts with a dash (write `./-…`)");
  return { kind: "ssh", ...parts };
}

function fileUrl(text: string): RemoteUrl {
  const [, host = "", rest = ""] = /^file:\/\/([^/\\]*)(.*)$/is.exec(text) ?? [];
  const path = decode(rest, text);
  if (path === "" || path === "/") throw badUrl(text, "the path of the repository is missing");
  if (host !== "" && host.toLowerCase() !== "localhost") {
    return { kind: "local", path: `\\\\${host}${path.replaceAll("/", "\\")}` };
  }
  return { kind: "local", path: /^\/[a-z]:[\\/]/i.test(path) ? path.slice(1) : path };
}

function isLocalPath(text: string): boolean {
  return (
    text.startsWith("/") || /^~[\\/]/.test(text) || /^[a-z]:[\\/]/i.test(text) || /^\\\\[^\\]/.test(text)
  );
}

function asUrl(candidate: string, text: string): URL {
  try {
    const url = new URL(candidate);
    if (url.hostname !== "") return url;
  } catch {
    // Its message would repeat the whole URL, password included.
  }
  throw badUrl(text, "it has no valid host name");
}

function decode(part: string, text: string): string {
  try {
    const decoded = decodeURIComponent(part);
    if (!decoded.includes("\0")) return decoded;
  } catch {
    // Falls through to the message below.
  }
  throw badUrl(text, "it contains a wrong % sequence");
}

function badUrl(text: string, reason: string): LullError {
  return new LullError({
    kind: "usage",
    code: "BAD_REMOTE_URL",
    message: `"${redactUrl(text)}" is no remote lull can use: ${reason}`,
    hint: "give https://host/path, user@host:path, or the absolute path of a repository",
  });
}
