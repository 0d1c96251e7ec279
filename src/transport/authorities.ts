/** Whose certificates are trusted beside the runtime's own authorities. */
import { X509Certificate } from "node:crypto";
import { getCACertificates } from "node:tls";

import { LullError, messageOf } from "../base/errors.ts";
import { readSmallFile } from "../base/small-file.ts";

/** All public authorities together are 250 KB. */
const LARGEST = 4 * 1024 * 1024;

/** PEM texts, for `fetch`. */
export type AuthorityList = readonly string[];

/** Those that the runtime trusts by itself: a list that it is given replaces them. */
export function runtimeAuthorities(): AuthorityList {
  return getCACertificates("default");
}

/** The system's store, where a company's own authority usually is. To read it takes about 0.1 s, once a process. */
export function systemAuthorities(): AuthorityList {
  return getCACertificates("system");
}

/** What the file that git names holds; nothing when it can not be read, which is git's affair. */
export function authoritiesOfGit(path: string): AuthorityList {
  const given = readCertificates(path);
  return given.kind === "read" ? given.certificates : [];
}

/**
 * What the file that the config names holds.
 * @throws LullError `CA_UNREADABLE` (kind `config`) when it holds no certificates
 */
export function authoritiesOfSetting(path: string): AuthorityList {
  const given = readCertificates(path);
  if (given.kind === "read") return given.certificates;
  throw new LullError({
    kind: "config",
    code: "CA_UNREADABLE",
    message: `the certificates of \`transport.ca\` can not be read: ${path} ${given.why}`,
    causes: ["the path has a typing mistake", "the file is in another format than PEM (DER, PKCS #12)"],
    hint: "put a file there that holds -----BEGIN CERTIFICATE-----, or correct `transport.ca` in the config",
    data: { path },
    cause: given.cause,
  });
}

/** What is wrong with a file that the config names, in words that go on after its path; undefined: nothing. */
export function authoritiesProblem(path: string): string | undefined {
  const given = readCertificates(path);
  return given.kind === "read" ? undefined : given.why;
}

type CertificateFile =
  | { readonly kind: "read"; readonly certificates: AuthorityList }
  | { readonly kind: "refused"; readonly why: string; readonly cause?: unknown };

function readCertificates(path: string): CertificateFile {
  let text: string | undefined;
  try {
    text = readSmallFile(path, LARGEST)?.toString("latin1");
  } catch (cause) {
    return { kind: "refused", why: `can not be opened (${messageOf(cause).split(":")[0]})`, cause };
  }
  if (text === undefined) return { kind: "refused", why: "is no file of a usual size" };
  if (text === lastRead?.text) return lastRead.file;
  const file = certificatesIn(text);
  lastRead = { text, file };
  return file;
}

/** Every request asks anew, as the file may have changed; to look through a large one takes some milliseconds. */
let lastRead: { readonly text: string; readonly file: CertificateFile } | undefined;

function certificatesIn(text: string): CertificateFile {
  const certificates = text.match(PEM) ?? [];
  if (certificates.length === 0) return { kind: "refused", why: "holds no certificate in PEM" };
  for (const [index, certificate] of certificates.entries()) {
    const cause = damageOf(certificate);
    if (cause !== undefined)
      return { kind: "refused", why: `is damaged: its certificate ${index + 1} can not be read`, cause };
  }
  return { kind: "read", certificates };
}

function damageOf(certificate: string): unknown {
  try {
    return new X509Certificate(certificate).raw.length > 0 ? undefined : new Error("it is empty");
  } catch (error) {
    return error;
  }
}

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;
