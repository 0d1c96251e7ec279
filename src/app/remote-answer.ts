import { LullError } from "../base/errors.ts";
import { parseRemoteUrl } from "../transport/remote-url.ts";
import type { Deps } from "./deps.ts";
import { localPathOrUrl } from "./user-path.ts";

/** What is wrong with the form of a remote that a person typed; undefined: it may be one. */
export function remoteAnswerProblem(text: string, deps: Pick<Deps, "home" | "cwd">): string | undefined {
  try {
    parseRemoteUrl(localPathOrUrl(text.trim(), deps));
    return undefined;
  } catch (error) {
    if (!(error instanceof LullError)) throw error;
    return error.hint === undefined ? error.message : `${error.message}; ${error.hint}`;
  }
}
