/**
 * The forms of a remote and of a folder as people write them, so that a slip shows in the config with its line and
 * not hours later in a sync. What a URL means in detail is the transport's business. No message repeats a URL: it may hold a password.
 */
import { nearestWord } from "../base/nearest-word.ts";

const SCHEMES = ["https", "http", "ssh", "git+ssh", "ssh+git", "file"];

/** Returns what is wrong with the address of a remote, or undefined. */
export function remoteProblem(text: string): string | undefined {
  if (/[\u0000-\u001f\u007f]/.test(text)) return "holds a line break or another control character";
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme !== undefined) return schemeProblem(scheme, text);
  if (isAbsolute(text) || isHome(text)) return undefined;
  if (text.startsWith("~")) return OTHER_HOME;
  const host = /^(?:[^@/:\s]+@)?(\[[0-9a-f:.]+\]|[^@/:\s[\]]+):(?=.)/i.exec(text)?.[1]?.toLowerCase();
  if (host === undefined || host.startsWith(".")) {
    return "is a relative path; write an absolute one (/… or ~/…), https://host/path or user@host:path";
  }
  return SCHEMES.includes(host) && !text.includes("@") ? `needs two slashes: ${host}://…` : undefined;
}

function schemeProblem(scheme: string, text: string): string | undefined {
  if (!SCHEMES.includes(scheme)) {
    const nearest = nearestWord(scheme, SCHEMES);
    return `begins with the unknown scheme \`${scheme}://\`; ${nearest === undefined ? `lull speaks ${SCHEMES.join(", ")}` : `did you mean \`${nearest}://\`?`}`;
  }
  if (scheme === "file") return undefined;
  return hostOf(text) === "" ? "has no valid host name" : undefined;
}

function hostOf(text: string): string {
  // The URL standard would take the first folder of `https:///a/b` for the host.
  if (/^[^:]+:\/\/[/\\]/.test(text)) return "";
  try {
    return new URL(text).hostname;
  } catch {
    return "";
  }
}

/** Returns what is wrong with the folder of a source, or undefined. */
export function folderProblem(text: string): string | undefined {
  if (text.startsWith("~") && !isHome(text)) return OTHER_HOME;
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text) || /^[^@/:\s]+@[^@/:\s]+:/.test(text)
    ? "is the address of a remote; here stands a folder of this machine, the address belongs to `remote`"
    : undefined;
}

const OTHER_HOME = "names the home of another user; write the absolute path (`~/` is your own home)";

function isHome(text: string): boolean {
  return text === "~" || /^~[\\/]/.test(text);
}

function isAbsolute(text: string): boolean {
  return text.startsWith("/") || /^[a-z]:[\\/]/i.test(text) || /^\\\\[^\\]/.test(text);
}

/** A secret that stands in the address: a password, or a token in place of the user. Undefined: none. */
export function secretInUrl(url: string): "password" | "token" | undefined {
  const user = /^([a-z][a-z0-9+.-]*):\/\/([^/@\s]*(?:@[^/@\s]*)*)@/i.exec(url);
  if (user === null) return undefined;
  const [, scheme = "", given = ""] = user;
  if (/:./.test(given)) return "password";
  if (!/^https?$/i.test(scheme)) return undefined;
  return TOKEN.test(given.replace(/:$/, "")) ? "token" : undefined;
}

/** GitHub, GitLab, Hugging Face and npm mark theirs; others are long and hold a figure, which no user name of a person does. */
const TOKEN = /^(?:gh[a-z]_|github_pat_|gl[a-z]+-|hf_|npm_)|^(?=.*\d)[A-Za-z0-9_.-]{24,}$/;
