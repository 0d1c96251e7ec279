/** Certificates for servers on the loopback, made by openssl: one that vouches for itself, or some of an authority's. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { temporaryDirectory } from "./system-git.ts";

export type Certificate = { readonly key: string; readonly cert: string; readonly certFile: string };

/** @param host a name; only it is vouched for */
export function makeCertificate(host: string): Certificate {
  const folder = temporaryDirectory();
  const made = spawnSync(
    "openssl",
    [
      ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2".split(" "),
      "-subj",
      `/CN=${host}`,
      "-addext",
      `subjectAltName=DNS:${host}`,
      ..."-keyout key.pem -out cert.pem".split(" "),
    ],
    { cwd: folder },
  );
  if (made.status !== 0) throw new Error(`openssl: ${made.stderr.toString()}`);
  const certFile = join(folder, "cert.pem");
  return {
    key: readFileSync(join(folder, "key.pem"), "utf8"),
    cert: readFileSync(certFile, "utf8"),
    certFile,
  };
}

export type Authority = {
  /** Its own certificate. */
  readonly certFile: string;
  /** @param days until it ends; negative: it has ended */
  issue(host: string, days: number): Certificate;
};

const KEY = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes".split(" ");

export function makeAuthority(): Authority {
  const folder = temporaryDirectory();
  const openssl = (...args: readonly string[]): void => {
    const made = spawnSync("openssl", args, { cwd: folder });
    if (made.status !== 0) throw new Error(`openssl: ${made.stderr.toString()}`);
  };
  openssl("req", "-x509", ...KEY, ..."-days 2 -subj /CN=authority -keyout ca.key -out ca.pem".split(" "));
  let number = 0;
  return {
    certFile: join(folder, "ca.pem"),
    issue(host, days) {
      const name = `server${++number}`;
      writeFileSync(join(folder, `${name}.ext`), `subjectAltName=DNS:${host}`);
      openssl("req", ...KEY, "-subj", `/CN=${host}`, "-keyout", `${name}.key`, "-out", `${name}.csr`);
      const files = `-in ${name}.csr -out ${name}.pem -extfile ${name}.ext -days ${days}`;
      openssl(...`x509 -req -CA ca.pem -CAkey ca.key -CAcreateserial ${files}`.split(" "));
      const certFile = join(folder, `${name}.pem`);
      return {
        key: readFileSync(join(folder, `${name}.key`), "utf8"),
        cert: readFileSync(certFile, "utf8"),
        certFile,
      };
    },
  };
}
