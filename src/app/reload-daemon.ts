import { LullError } from "../base/errors.ts";
import type { ControlAnswer } from "./control-messages.ts";
import type { Context, Deps } from "./deps.ts";

/** @throws LullError `DAEMON_NOT_RUNNING`, `CONFIG_INVALID` (kind `config`: the daemon goes on with the old one) */
export async function reloadDaemon(
  deps: Deps,
  { signal }: Context,
): Promise<Extract<ControlAnswer, { readonly kind: "reloaded" }>> {
  const answer = await deps.daemon.ask({ kind: "reload" }, { signal });
  if (answer === undefined) throw notRunning();
  if (answer.kind === "reloaded") return answer;
  throw new LullError({
    kind: "config",
    code: "CONFIG_INVALID",
    message: "the daemon goes on with the config that it has: the file has a mistake",
    causes: answer.kind === "refused" ? [answer.message] : [],
    hint: (answer.kind === "refused" ? answer.hint : undefined) ?? "run `lull config check`",
  });
}

export function notRunning(): LullError {
  return new LullError({
    kind: "failed",
    code: "DAEMON_NOT_RUNNING",
    message: "no daemon runs",
    hint: "start it with `lull daemon start`, or have the system do so with `lull service install`",
  });
}
