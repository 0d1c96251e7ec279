import { LullError } from "../base/errors.ts";
import { safeText } from "../base/safe-text.ts";
import type { SigningRequest } from "../base/signing.ts";

export type SigningFailure = {
  /** What did not work, as the end of a sentence. */
  readonly what: string;
  readonly causes: readonly string[];
  /** What to try; how to do without signatures is told besides. */
  readonly check: string;
  /** What the program said. */
  readonly said?: string | undefined;
};

/** Commits stay what they are: nothing is lost, and the next run tries again. */
export function signingFailed(request: SigningRequest, failure: SigningFailure): LullError {
  const { format, key, identity, unheeded } = request;
  const name = safeText(shortened(key ?? identity));
  const said = lastWords(failure.said ?? "");
  return new LullError({
    kind: "failed",
    code: "SIGNING_FAILED",
    message: `the commit could not be signed (${format}, key ${name}): ${failure.what}${said === "" ? "" : ` (${said})`}`,
    causes: [
      ...failure.causes,
      ...unheeded.map((where) => `${safeText(where)} is not heeded: only your own git config names programs`),
    ],
    hint: `${failure.check}; nothing was committed or lost. To do without signatures here: \`lull config set sources.<source>.sign false\``,
    data: { format, key: name },
  });
}

/** A public key as a literal is longer than a line. */
function shortened(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

/** Of several lines the last says most; GnuPG's for programs say nothing to people. */
function lastWords(said: string): string {
  const lines = said.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("[GNUPG:]"));
  return safeText((lines.at(-1) ?? "").trim().slice(0, 200));
}
