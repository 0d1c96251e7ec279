import type { LullError } from "../../base/errors.ts";
import { transportError } from "../transport-error.ts";
import { isPublished } from "./published-hosts.ts";
import { type SshTarget, targetText } from "./ssh-target.ts";

type HostError = {
  readonly doing: string;
  readonly target: SshTarget;
  /** `SHA256:…` of the key that the server showed, as far as it is known. */
  readonly fingerprint?: string | undefined;
};

type UnknownHost = HostError & {
  /** What a person runs in a terminal to look at the key and accept it, with its marks. */
  readonly accept: string;
  /** `file:line` of the authority whose certificates could not be checked. */
  readonly authority?: string | undefined;
};

export function hostUnknown({ doing, target, fingerprint, accept, authority }: UnknownHost): LullError {
  const key = fingerprint === undefined ? "" : `; its key is ${fingerprint}`;
  const compare =
    fingerprint !== undefined && isPublished(target.host, fingerprint)
      ? `the fingerprint is the one that ${target.host} publishes`
      : "compare the fingerprint with the one that the server's owner published";
  const isVouched = authority !== undefined;
  return transportError({
    code: "HOST_UNKNOWN",
    message: `cannot ${doing}: the server ${targetText(target)} is not known here${key}${isVouched ? `. Its certificate would be checked by ${authority} (@cert-authority), which lull's own SSH can not do` : ""}`,
    hint: `${isVouched ? "set `transport.ssh: system`, so that your own `ssh` checks the certificate; or " : ""}${compare}; then run ${accept} in a terminal and accept it`,
    data: { host: target.host, ...(fingerprint === undefined ? {} : { fingerprint }) },
  });
}

export function hostChanged({
  doing,
  target,
  fingerprint,
  known,
}: HostError & {
  /** File and line that hold another key. */
  readonly known?: string | undefined;
}): LullError {
  const key = fingerprint === undefined ? "" : ` It shows ${fingerprint}.`;
  return transportError({
    code: "HOST_CHANGED",
    message: `cannot ${doing}: ${targetText(target)} has another key than before${known === undefined ? "" : ` (${known})`}.${key} Nothing was sent`,
    data: { host: target.host, ...(fingerprint === undefined ? {} : { fingerprint }) },
  });
}

export function hostRevoked({ doing, target, fingerprint }: HostError): LullError {
  return transportError({
    code: "HOST_CHANGED",
    message: `cannot ${doing}: the key of ${targetText(target)} is marked as revoked in known_hosts`,
    causes: ["the key was stolen, or retired by the server's owner"],
    data: { host: target.host, ...(fingerprint === undefined ? {} : { fingerprint }) },
  });
}
