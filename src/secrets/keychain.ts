/**
 * The system's keychain, asked by a short process of the same binary (`keychain-access.ts`): a keychain may put up a
 * window and wait for a person, and a call into it can not be broken off; a process can. The process also gets the
 * address of the user's session bus, which a service may not have.
 */
import type { RunProgram } from "../base/program.ts";

export type KeychainRequest =
  | { readonly kind: "get"; readonly name: string }
  | { readonly kind: "set"; readonly name: string; readonly value: string }
  | { readonly kind: "remove"; readonly name: string };

/** `value` of a `get`: null for none, which is also what a locked keyring of Linux says. */
export type KeychainAnswer =
  | { readonly kind: "done"; readonly value: string | null }
  | { readonly kind: "unavailable"; readonly why: string };

export type Keychain = {
  /** Never throws but `INTERRUPTED`. */
  ask(request: KeychainRequest, signal: AbortSignal): Promise<KeychainAnswer>;
};

export type KeychainParts = {
  readonly runProgram: RunProgram;
  /** What starts `answerKeychain` with the request on its stdin. */
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string | undefined>>;
};

/** Nobody may be there to answer to a window; who stores something sits there. */
const DEADLINES_MS = { get: 10_000, set: 120_000, remove: 120_000 } as const;

export function systemKeychain({ runProgram, command, env }: KeychainParts): Keychain {
  return {
    async ask(request, signal) {
      const deadlineMs = DEADLINES_MS[request.kind];
      const result = await runProgram(command, { deadlineMs, signal, env, input: JSON.stringify(request) });
      if (result.kind === "missing") return unavailable("lull can not start itself to ask the keychain");
      if (result.kind === "timeout") {
        return unavailable(
          `the keychain did not answer within ${deadlineMs / 1000} s; it may wait for its password`,
        );
      }
      return readAnswer(result.stdout) ?? unavailable(`asking the keychain ended with ${result.code}`);
    },
  };
}

function unavailable(why: string): KeychainAnswer {
  return { kind: "unavailable", why };
}

function readAnswer(text: string): KeychainAnswer | undefined {
  try {
    const answer: unknown = JSON.parse(text);
    if (typeof answer !== "object" || answer === null || !("kind" in answer)) return undefined;
    if (answer.kind === "unavailable" && "why" in answer) return unavailable(String(answer.why));
    if (answer.kind !== "done" || !("value" in answer)) return undefined;
    return { kind: "done", value: typeof answer.value === "string" ? answer.value : null };
  } catch {
    return undefined;
  }
}
