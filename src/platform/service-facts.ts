/** What a service has to take over from the shell of the person who installs it. */
import { posix, win32 } from "node:path";

import { hasNotifySocket } from "./notify-socket.ts";
import { nameInDatabase, type System, userName } from "./system.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Each moves lull's places, or those of the keys that commits are signed with; none is a secret. */
const PATHS = [
  "LULL_HOME",
  "XDG_CONFIG_HOME",
  "XDG_DATA_HOME",
  "XDG_STATE_HOME",
  "XDG_CACHE_HOME",
  "GNUPGHOME",
];
/** Windows has no XDG folders, and the others are the system's own. */
const PATHS_OF_WINDOWS = ["LULL_HOME", "GNUPGHOME"];

/** Of the variables that are set those which change where lull and GnuPG keep things, or the name of this device. */
export function carriedVariables(environment: Environment, system: System): Readonly<Record<string, string>> {
  const { isAbsolute } = system === "windows" ? win32 : posix;
  const carried: Record<string, string> = {};
  for (const name of system === "windows" ? PATHS_OF_WINDOWS : PATHS) {
    const value = environment[name] ?? "";
    if (isAbsolute(value)) carried[name] = value;
  }
  const device = environment["LULL_DEVICE"] ?? "";
  return device === "" ? carried : { ...carried, LULL_DEVICE: device };
}

const PROXIES = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/** What decides in this shell how servers are reached. */
export function shellWay(environment: Environment): {
  readonly proxy: { readonly variable: string; readonly url: string } | undefined;
  readonly authorities: string | undefined;
} {
  const variable = PROXIES.find((name) => (environment[name] ?? "").trim() !== "");
  const value = variable === undefined ? "" : (environment[variable] ?? "").trim();
  const url = value.includes("://") ? value : `http://${value}`;
  const authorities = environment["NODE_EXTRA_CA_CERTS"] ?? "";
  return {
    proxy: variable === undefined ? undefined : { variable, url },
    authorities: authorities === "" ? undefined : authorities,
  };
}

/** As the service managers name a person: on Windows with the domain; after `su` the variables name another one. */
export function serviceUser(
  environment: Environment,
  { system, userId }: { readonly system: System; readonly userId: number | undefined },
): string {
  const name = nameInDatabase(userId) ?? userName(environment);
  const domain = environment["USERDOMAIN"] ?? "";
  return system === "windows" && domain !== "" ? `${domain}\\${name}` : name;
}

/** Who became root by sudo. */
export function personBehindSudo(environment: Environment, userId: number | undefined): string | undefined {
  const person = environment["SUDO_USER"] ?? "";
  return userId === 0 && person !== "" ? person : undefined;
}

export function notifyWay(system: System): "directly" | "by-program" {
  return system !== "linux" || hasNotifySocket() ? "directly" : "by-program";
}

/** There is only a way to set it; what is made in between is private. */
export function currentUmask(): number {
  const umask = process.umask(0o077);
  process.umask(umask);
  return umask;
}
