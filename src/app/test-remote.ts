import { LullError } from "../base/errors.ts";
import type { RunError } from "../sync/outcome.ts";
import { toRunError } from "../sync/run-error.ts";
import type { GitService, OpenOptions } from "../transport/transport.ts";
import type { Deps } from "./deps.ts";

export type RemoteTest =
  /** It lists its branches; `writes`: whether it would take a push from this account. */
  | { readonly kind: "works"; readonly writes: boolean }
  | { readonly kind: "refused"; readonly error: RunError }
  /** Nothing can be said of the credential. */
  | { readonly kind: "failed"; readonly error: RunError };

export type RemoteToTest = { readonly url: string } & Required<
  Pick<OpenOptions, "credentials" | "settings">
> &
  Pick<OpenOptions, "directory">;

/** Asks a remote for its branches, as one who fetches and as one who pushes; changes nothing there. */
export async function testRemote(
  deps: Pick<Deps, "transport">,
  input: RemoteToTest,
  signal: AbortSignal,
): Promise<RemoteTest> {
  try {
    await listRefs(deps, { ...input, service: "git-upload-pack" }, signal);
  } catch (error) {
    return failure(error);
  }
  try {
    await listRefs(deps, { ...input, service: "git-receive-pack" }, signal);
    return { kind: "works", writes: true };
  } catch (error) {
    const refused = failure(error);
    // A server that takes no pushes at all may say anything, `not found` too.
    return refused.kind === "refused" &&
      refused.error.code === "AUTH" &&
      refused.error.data["credential"] === "refused"
      ? refused
      : { kind: "works", writes: false };
  }
}

type Listing = RemoteToTest & { readonly service: GitService };

async function listRefs(
  { transport }: Pick<Deps, "transport">,
  { url, service, ...options }: Listing,
  signal: AbortSignal,
): Promise<void> {
  const connection = await transport.open(url, { signal, ...options });
  try {
    const answer = await connection.advertise(service, service === "git-upload-pack" ? 2 : 0);
    // That it begins is enough; its end may be megabytes away.
    for await (const _ of answer) break;
  } finally {
    await connection.close();
  }
}

function failure(error: unknown): Exclude<RemoteTest, { readonly kind: "works" }> {
  if (error instanceof LullError && error.kind === "interrupted") throw error;
  const told = toRunError(error);
  return { kind: told.kind === "auth" ? "refused" : "failed", error: told };
}
