/** What is wrong with a server's certificate, and what a person can do about it. */
import type { LullError } from "../base/errors.ts";
import { transportError } from "./transport-error.ts";

const TLS_CODE = /CERT|CRL|^ERR_(?:TLS|SSL)|^UNABLE_TO|HOSTNAME_MISMATCH|INVALID_(?:CA|PURPOSE)|^EPROTO$/;

export function isTlsCode(code: string): boolean {
  return TLS_CODE.test(code);
}

type Verdict = {
  /** Goes on after "the certificate of <host>". */
  readonly what: string;
  readonly causes: readonly string[];
  readonly hint: string;
};

const EXPIRED: Verdict = {
  what: "is out of date",
  causes: ["it was not renewed on the server", "this machine's clock is wrong"],
  hint: "look at this machine's date first; else only the server's operator can renew it",
};

const OTHER_NAME: Verdict = {
  what: "is for another host name",
  causes: [
    "the URL names the server by another name than its certificate",
    "a log-in page or a proxy stands in between",
  ],
  hint: "use the host name that the certificate is for; a browser shows it",
};

const UNKNOWN_AUTHORITY: Verdict = {
  what: "comes from an authority that this machine does not know",
  causes: [
    "the server has a certificate of its own or of a company's authority",
    "a proxy opens the connection",
    "the server leaves out the certificates in between",
  ],
  hint: "if that is as it should be, name a file with the authority's certificate: `lull config set transport.ca <file.pem>`",
};

const OTHER: Verdict = {
  what: "is not accepted",
  causes: ["server and lull know no common way to encrypt", "what answers there is no HTTPS server"],
  hint: "look whether the URL begins with https:// rightly and names the right port",
};

/** @param host with its port */
export function tlsFailure(
  { doing, host }: { readonly doing: string; readonly host: string },
  code: string,
  cause: unknown,
): LullError {
  const { what, causes, hint } = verdictOf(code);
  return transportError({
    code: "TLS",
    message: `cannot ${doing}: the certificate of ${host} ${what} (${code})`,
    causes,
    hint,
    data: { host },
    cause,
  });
}

export function isUnknownAuthority(code: string): boolean {
  return /SELF_SIGNED|UNABLE_TO|INVALID_CA|UNTRUSTED|CERT_CHAIN/.test(code);
}

function verdictOf(code: string): Verdict {
  if (/EXPIRED|NOT_YET_VALID/.test(code)) return EXPIRED;
  if (/ALTNAME|HOSTNAME/.test(code)) return OTHER_NAME;
  if (isUnknownAuthority(code)) return UNKNOWN_AUTHORITY;
  return OTHER;
}
