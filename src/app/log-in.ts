import type { Credential } from "../base/credential.ts";
import { LullError } from "../base/errors.ts";
import type { StoredAt } from "../secrets/secret-store.ts";
import type { Context, Deps } from "./deps.ts";
import { noteChange } from "./history.ts";
import type { LoginTarget } from "./login-target.ts";
import { type RemoteTest, testRemote } from "./test-remote.ts";

export type LogInInput = {
  readonly target: LoginTarget;
  readonly credential: Credential;
  /** As it is kept under the origin. */
  readonly stored: string;
  readonly dryRun: boolean;
};

export type LoggedInAt = {
  readonly origin: string;
  /** Undefined in a dry run. */
  readonly storedAt: StoredAt | undefined;
  /** Undefined: there was no remote to try it on. */
  readonly test: RemoteTest | undefined;
  /** What goes before it, in words (a variable of the environment); undefined: it will be used. */
  readonly instead: string | undefined;
  readonly dryRun: boolean;
};

/** Tries a credential and stores it; one that the remote refuses is not stored. @throws LullError as the remote said */
export async function logIn(deps: Deps, input: LogInInput, { signal }: Context): Promise<LoggedInAt> {
  const { target, credential, dryRun } = input;
  const { origin, url, settings } = target;
  const test =
    url === undefined
      ? undefined
      : await testRemote(
          deps,
          { url, settings, credentials: async (asked) => (asked === origin ? credential : undefined) },
          signal,
        );
  if (test?.kind === "refused") {
    const { retry: _, ...error } = test.error;
    throw new LullError({ ...error, hint: "nothing was stored; run `lull auth login` with another token" });
  }
  if (dryRun) return { origin, storedAt: undefined, test, instead: undefined, dryRun };
  const storedAt = await deps.secrets.set(origin, input.stored, signal);
  noteChange(deps, { action: "auth login", source: undefined, detail: { origin, place: storedAt.place } });
  const used = await deps.credentials.find(origin, { signal });
  const isUsed = used === undefined || used.place === storedAt.place;
  return { origin, storedAt, test, instead: isUsed ? undefined : used.from, dryRun };
}
