import { safeText } from "../base/safe-text.ts";
import type { ComposeInput } from "../compose.ts";
import type { Ask, CliIo } from "./cli-io.ts";
import type { GlobalFlags } from "./global-flags.ts";
import type { Output } from "./output.ts";

type SshQuestions = NonNullable<ComposeInput["sshQuestions"]>;

/** What lull's own SSH asks a person, one question at a time; undefined when nobody is there to answer. */
export function sshQuestions(
  io: CliIo,
  flags: Pick<GlobalFlags, "json" | "yes">,
  out: Pick<Output, "progress">,
): SshQuestions | undefined {
  const isPerson = (io.stdinIsTty ?? io.isTty) && io.isTty && !flags.json && !flags.yes;
  if (!isPerson && io.ask === undefined) return undefined;
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(question: (ask: Ask) => Promise<T>): Promise<T> => {
    const turn = last.then(async () => {
      const ask = io.ask ?? (await import("./terminal-ask.ts")).terminalAsk(io.signal);
      out.progress.clear();
      return question(ask);
    });
    // Whoever asked hears of it; the next one has a question of its own.
    last = turn.catch(() => {});
    return turn;
  };
  return {
    confirmHost: async ({ name, keyType, fingerprint }) => {
      const answer = await inTurn((ask) =>
        ask.choose({
          message: `The server ${safeText(name)} is not known here. Its ${safeText(keyType)} key has the fingerprint ${fingerprint}`,
          choices: [
            { value: "no", label: "Do not connect" },
            {
              value: "yes",
              label: "It is the one that the server's owner published: connect and remember it",
            },
          ],
        }),
      );
      return answer === "yes";
    },
    askPassphrase: (file) => inTurn((ask) => ask.secret(`Passphrase of the key ${safeText(file)}`)),
  };
}
