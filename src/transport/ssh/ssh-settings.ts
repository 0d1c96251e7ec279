/** What the person's ssh_config says of one server, made of its words: `ssh -G` and lull's own reader give the same. */
import { isAbsolute, join } from "node:path";

import type { SshTarget } from "./ssh-target.ts";

/** Keyword in lower case → its values in the order of the files, each as written; `match`: where blocks are unread. */
export type SshWords = ReadonlyMap<string, readonly string[]>;

export type SshSettings = {
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  /** Absolute. */
  readonly identityFiles: readonly string[];
  /** Those that are named; one beside its key needs no name. Absolute. */
  readonly certificateFiles: readonly string[];
  /** Of an agent's keys only those of `identityFiles` count. */
  readonly identitiesOnly: boolean;
  /** The agent's socket. */
  readonly agent: string | undefined;
  /** The first one is where a new server is written to. */
  readonly userKnownHosts: readonly string[];
  readonly globalKnownHosts: readonly string[];
  /** The servers in between, the first one to connect to first. */
  readonly jumps: readonly SshTarget[];
  /** Set when the way to the server is a program. */
  readonly proxyCommand: string | undefined;
  /** That program gives ssh an open connection instead of being one (ProxyUseFdpass). */
  readonly proxyHandsOver: boolean;
  readonly strict: "ask" | "yes" | "accept-new";
  /** `file:line` of `Match` blocks that nobody has looked at: to tell whether they apply, programs may have to run. */
  readonly unread: readonly string[];
};

export type SettingsContext = {
  readonly home: string;
  /** The local user's name, which is also the remote one where nothing says otherwise. */
  readonly userName: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
};

const USUAL_KEYS = ["id_ed25519", "id_ecdsa", "id_rsa"];

export function settingsOf(target: SshTarget, words: SshWords, context: SettingsContext): SshSettings {
  const first = (keyword: string): string | undefined => words.get(keyword)?.[0];
  const port = target.port ?? Number(first("port") ?? 22);
  const user = target.user ?? first("user") ?? context.userName;
  const named = {
    n: target.host,
    h: target.host,
    p: String(port),
    r: user,
    d: context.home,
    u: context.userName,
  };
  const hostName = expand(first("hostname") ?? target.host, named);
  const place = (text: string): string => placeOf(text, { ...named, h: hostName }, context);
  const places = (keyword: string, usual: readonly string[]): readonly string[] =>
    (words.has(keyword) ? splitWords(first(keyword) ?? "") : usual)
      .filter((one) => one !== "none")
      .map(place);
  return {
    hostName,
    port,
    user,
    identityFiles: (words.get("identityfile") ?? USUAL_KEYS.map((name) => `~/.ssh/${name}`))
      .filter((one) => one !== "none")
      .map((one) => place(unquoted(one))),
    certificateFiles: (words.get("certificatefile") ?? [])
      .filter((one) => one !== "none")
      .map((one) => place(unquoted(one))),
    identitiesOnly: first("identitiesonly") === "yes",
    agent: agentOf(first("identityagent"), context, place),
    userKnownHosts: places("userknownhostsfile", ["~/.ssh/known_hosts", "~/.ssh/known_hosts2"]),
    globalKnownHosts: places("globalknownhostsfile", [
      "/etc/ssh/ssh_known_hosts",
      "/etc/ssh/ssh_known_hosts2",
    ]),
    jumps: jumpsOf(first("proxyjump")),
    proxyCommand: isNone(first("proxycommand")) ? undefined : first("proxycommand"),
    proxyHandsOver: first("proxyusefdpass") === "yes",
    strict: strictnessOf(first("stricthostkeychecking")),
    unread: words.get("match") ?? [],
  };
}

/** Anything that would take a server unseen is read as `ask`: who has no terminal is then refused. */
function strictnessOf(value: string | undefined): SshSettings["strict"] {
  switch (value) {
    case "yes":
    case "true":
      return "yes";
    case "accept-new":
      return "accept-new";
    default:
      return "ask";
  }
}

function isNone(value: string | undefined): boolean {
  return value === undefined || value.toLowerCase() === "none";
}

function agentOf(
  value: string | undefined,
  { environment }: SettingsContext,
  place: (text: string) => string,
): string | undefined {
  const wanted = value === undefined || value === "SSH_AUTH_SOCK" ? "$SSH_AUTH_SOCK" : unquoted(value);
  if (isNone(wanted)) return undefined;
  const [, name] = /^\$([A-Za-z_][A-Za-z0-9_]*)$/.exec(wanted) ?? [];
  const socket = name === undefined ? place(wanted) : environment[name];
  return socket === "" ? undefined : socket;
}

function jumpsOf(value: string | undefined): readonly SshTarget[] {
  if (value === undefined || isNone(value)) return [];
  return value.split(",").map((hop) => {
    const [, user, host = "", port] =
      /^(?:ssh:\/\/)?(?:([^@]*)@)?(\[[^\]]+\]|[^:]+)(?::(\d+))?\/?$/.exec(hop.trim()) ?? [];
    return {
      user: user === "" ? undefined : user,
      host: host.replace(/^\[(.*)\]$/, "$1"),
      port: port === undefined ? undefined : Number(port),
    };
  });
}

function placeOf(
  text: string,
  named: Readonly<Record<string, string>>,
  { home, environment }: SettingsContext,
): string {
  const withVariables = text.replaceAll(
    /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g,
    (_whole, name: string) => environment[name] ?? "",
  );
  const expanded = expand(withVariables, named);
  if (expanded.startsWith("~/") || expanded.startsWith("~\\")) return join(home, expanded.slice(2));
  return isAbsolute(expanded) ? expanded : join(home, expanded);
}

/** `%%` is a percent sign; a token that is not known stays, so that the file is not found and named as it is. */
function expand(text: string, named: Readonly<Record<string, string>>): string {
  return text.replaceAll(/%(.)/g, (whole, token: string) => (token === "%" ? "%" : (named[token] ?? whole)));
}

function unquoted(text: string): string {
  return text.replace(/^"(.*)"$/, "$1");
}

/** Blanks part words; in quotes they do not. */
export function splitWords(text: string): readonly string[] {
  return [...text.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}
