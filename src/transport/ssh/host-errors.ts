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

/** @param accept what a person runs in a terminal to look at the key and accept it, with its marks */
export function hostUnknown({
  doing,
  target,
  fingerprint,
  accept,
}: HostError & { readonly accept: string }): LullError {
  const key = fingerprint === undefined ? "" : `; its key is ${fingerprint}`;
  const compare =
    fingerprint === undefined
      ? "compare the fingerprint with the one that the server's owner published"
      : isPublished(target.host, fingerprint)
        ? `the fingerprint is the one that ${target.host} publishes`
        : "compare the fingerprint with the one that the server's owner published";
  return transportError({
    code: "HOST_UNKNOWN",
    message: `cannot ${doing}: the server ${targetText(target)} is not known here${key}`,
    hint: `${compare}; then run ${accept} in a terminal and accept it`,
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
