/** OpenSSH's known_hosts: which key a server must show. Pure; `known-hosts-file.ts` reads and writes the files. */
import { createHash, createHmac } from "node:crypto";

import { globPattern } from "./glob-pattern.ts";

export type KnownHost = {
  /** `cert-authority`: such a line vouches for certificates, which lull's own SSH does not know. */
  readonly marker: "none" | "revoked" | "cert-authority";
  /** Names and patterns with commas between, or one hashed name. */
  readonly hosts: string;
  readonly type: string;
  /** Base64. */
  readonly key: string;
  /** `file:line`, for messages. */
  readonly place: string;
};

export type HostVerdict =
  | { readonly kind: "known" }
  | { readonly kind: "unknown" }
  /** `place` holds another key. */
  | { readonly kind: "changed"; readonly place: string }
  | { readonly kind: "revoked"; readonly place: string };

/** What can not be read as a line of known_hosts is passed over, as OpenSSH does. */
export function parseKnownHosts(text: string, file: string): readonly KnownHost[] {
  return text.split("\n").flatMap((line, index) => {
    const fields = line.trim().split(/[ \t]+/);
    const mark = fields[0]?.startsWith("@") === true ? fields.shift() : undefined;
    const [hosts = "", type = "", key = ""] = fields;
    if (hosts.startsWith("#") || key === "") return [];
    const marker = mark === undefined ? "none" : mark.slice(1);
    if (marker !== "none" && marker !== "revoked" && marker !== "cert-authority") return [];
    return [{ marker, hosts, type, key, place: `${file}:${index + 1}` }];
  });
}

/** @param key as the server sends it: its type and what belongs to it, each with its length in front */
export function judgeHostKey(
  entries: readonly KnownHost[],
  { host, port }: { readonly host: string; readonly port: number },
  key: Uint8Array,
): HostVerdict {
  const shown = Buffer.from(key).toString("base64");
  const mine = entriesOf(entries, knownHostName(host, port));
  // A key that is revoked for the name without the port is revoked.
  const unnumbered = port === USUAL_PORT ? mine : entriesOf(entries, knownHostName(host, USUAL_PORT));
  const revoked = [...mine, ...unnumbered].find((entry) => entry.marker === "revoked" && entry.key === shown);
  if (revoked !== undefined) return { kind: "revoked", place: revoked.place };
  const plain = mine.filter((entry) => entry.marker === "none");
  if (plain.some((entry) => entry.key === shown)) return { kind: "known" };
  const type = hostKeyType(key);
  // A known server that shows a key of another type only is no new server.
  const other = plain.find((entry) => entry.type === type) ?? plain[0];
  if (other !== undefined) return { kind: "changed", place: other.place };
  // OpenSSH, too, takes the same key under the name without a port for a proof.
  const isSame = unnumbered.some((entry) => entry.marker === "none" && entry.key === shown);
  return { kind: isSame ? "known" : "unknown" };
}

/** The key types that are known of a server, so that it is asked for one of these. */
export function knownKeyTypes(
  entries: readonly KnownHost[],
  { host, port }: { readonly host: string; readonly port: number },
): ReadonlySet<string> {
  const mine = entriesOf(entries, knownHostName(host, port));
  return new Set(mine.filter((entry) => entry.marker === "none").map((entry) => entry.type));
}

/** The line by which certificates of a server would be checked; undefined: there is none. */
export function certAuthorityOf(
  entries: readonly KnownHost[],
  { host, port }: { readonly host: string; readonly port: number },
): KnownHost | undefined {
  // Also for the name without the port, as OpenSSH looks once more.
  const names = [knownHostName(host, port), knownHostName(host, USUAL_PORT)];
  const mine = names.flatMap((name) => entriesOf(entries, name));
  return mine.find((entry) => entry.marker === "cert-authority");
}

/** The line that makes a server known. */
export function knownHostLine(host: string, port: number, key: Uint8Array): string {
  return `${knownHostName(host, port)} ${hostKeyType(key)} ${Buffer.from(key).toString("base64")}\n`;
}

/** `SHA256:…`, as ssh-keygen and the web pages of hosts show it. */
export function fingerprintOf(key: Uint8Array): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

/** E.g. `ssh-ed25519`. */
export function hostKeyType(key: Uint8Array): string {
  const bytes = Buffer.from(key);
  return bytes.length < 4 ? "" : bytes.toString("latin1", 4, 4 + bytes.readUInt32BE(0));
}

const USUAL_PORT = 22;

function knownHostName(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === USUAL_PORT ? name : `[${name}]:${port}`;
}

function entriesOf(entries: readonly KnownHost[], name: string): readonly KnownHost[] {
  return entries.filter(({ hosts }) =>
    hosts.startsWith("|") ? isHashOf(hosts, name) : isListed(hosts, name),
  );
}

/** `|1|<salt>|<HMAC-SHA1 of the name>`, both in base64. */
function isHashOf(field: string, name: string): boolean {
  const [, version, salt = "", hash = ""] = field.split("|");
  if (version !== "1") return false;
  return createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest("base64") === hash;
}

function isListed(field: string, name: string): boolean {
  const patterns = field.toLowerCase().split(",");
  const fits = (pattern: string): boolean => globPattern(pattern).test(name);
  if (patterns.some((pattern) => pattern.startsWith("!") && fits(pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith("!") && fits(pattern));
}
