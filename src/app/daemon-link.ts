/** The running daemon over its socket. */
import { LullError } from "../base/errors.ts";
import type { Timers } from "../base/timers.ts";
import type { connectLocal } from "../platform/local-socket.ts";
import type { ControlAnswer, ControlRequest, DaemonLink } from "./control-messages.ts";

export type DaemonLinkDeps = {
  readonly connect: (onLine: (line: string) => void) => ReturnType<typeof connectLocal>;
  readonly timers: Timers;
};

/** A reload waits for a worker that checks the config; everything else is answered in milliseconds. */
const ANSWER_MS = 15_000;
/** Who only pokes does not wait for a daemon that hangs. */
const POKE_MS = 1000;

export function createDaemonLink(deps: DaemonLinkDeps): DaemonLink {
  return {
    ask: (request, { signal }) => ask(deps, request, { signal, ms: ANSWER_MS }),
    async poke(request) {
      await ask(deps, request, { signal: undefined, ms: POKE_MS }).catch(() => undefined);
    },
    async follow(onEvent, { signal }) {
      const connection = await deps.connect((line) => {
        const answer = parse(line);
        if (answer?.kind === "event") onEvent(answer.event);
      });
      if (connection === undefined) return false;
      const close = (): void => connection.close();
      signal.addEventListener("abort", close, { once: true });
      connection.send(JSON.stringify({ kind: "follow" } satisfies ControlRequest));
      if (signal.aborted) close();
      await connection.closed;
      signal.removeEventListener("abort", close);
      return true;
    },
  };
}

async function ask(
  deps: DaemonLinkDeps,
  request: ControlRequest,
  limits: { readonly signal: AbortSignal | undefined; readonly ms: number },
): Promise<ControlAnswer | undefined> {
  const { promise, resolve } = Promise.withResolvers<ControlAnswer | undefined>();
  const connection = await deps.connect((line) => resolve(parse(line)));
  if (connection === undefined) return undefined;
  using _late = deps.timers.after(limits.ms, () => connection.close());
  const close = (): void => connection.close();
  limits.signal?.addEventListener("abort", close, { once: true });
  connection.send(JSON.stringify(request));
  try {
    const answer = await Promise.race([promise, connection.closed]);
    if (answer === undefined) throw silent();
    return answer;
  } finally {
    limits.signal?.removeEventListener("abort", close);
    connection.close();
  }
}

function parse(line: string): ControlAnswer | undefined {
  try {
    return JSON.parse(line) as ControlAnswer;
  } catch {
    return undefined;
  }
}

function silent(): LullError {
  return new LullError({
    kind: "failed",
    code: "DAEMON_SILENT",
    message: "the daemon does not answer",
    hint: "look at `lull logs`; `lull daemon restart --force` ends it and starts a new one",
  });
}
