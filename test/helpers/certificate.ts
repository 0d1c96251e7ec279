/** A certificate that vouches for itself, made by openssl, for a server on the loopback. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
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
