import { LullError } from "../base/errors.ts";
import type { Signature } from "./model.ts";
import type { RepositoryParts } from "./repository-parts.ts";
import { signingRequest } from "./repository-config/signing-request.ts";

/**
 * Returns the bytes of a commit with a signature over them, or as they are where none is wanted.
 * @throws LullError `SIGNING_FAILED` (kind `failed`), `GIT_CONFIG_INVALID` (kind `config`), `INTERRUPTED`
 */
export function signCommit(parts: RepositoryParts, payload: Buffer, committer: Signature): Buffer {
  const { signPolicy: sign, signer, environment } = parts;
  const request = signingRequest({ config: parts.config(), home: environment["HOME"], sign });
  if (request === undefined) return payload;
  if (signer === undefined) throw noSigner();
  const identity = `${committer.name} <${committer.email}>`;
  const { directory } = parts;
  return withSignature(payload, signer({ ...request, identity, directory, payload }));
}

/** Puts a signature behind the other headers: continuation lines begin with a space, empty ones too. */
export function withSignature(commit: Buffer, signature: string): Buffer {
  const lines = signature.replaceAll("\r", "").trimEnd().split("\n");
  const headerEnd = commit.indexOf("\n\n") + 1;
  return Buffer.concat([
    commit.subarray(0, headerEnd),
    Buffer.from(`gpgsig ${lines.join("\n ")}\n`, "latin1"),
    commit.subarray(headerEnd),
  ]);
}

function noSigner(): LullError {
  return new LullError({
    kind: "failed",
    code: "SIGNING_FAILED",
    message: "commits must be signed here, and this process has nothing to sign them with",
  });
}
