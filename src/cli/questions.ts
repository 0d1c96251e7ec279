import { safeText } from "../base/safe-text.ts";
import type { ComposeInput } from "../compose.ts";
import type { Ask, CliIo } from "./cli-io.ts";
import type { GlobalFlags } from "./global-flags.ts";
import type { Output } from "./output.ts";
import { storedPlaceWords } from "./print/auth.ts";

type Questions = NonNullable<ComposeInput["questions"]>;

/** What remotes ask a person, one question at a time; undefined when nobody is there to answer. */
export function remoteQuestions(
  io: CliIo,
  flags: Pick<GlobalFlags, "json" | "yes">,
  out: Pick<Output, "log" | "progress">,
): Questions | undefined {
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
    confirmHost: async ({ name, keyType, fingerprint, authority }) => {
      const certificate =
        authority === undefined
          ? ""
          : `. Its certificate would be checked by ${safeText(authority)}, which only your own ssh can do (transport.ssh: system)`;
      const answer = await inTurn((ask) =>
        ask.choose({
          message: `The server ${safeText(name)} is not known here. Its ${safeText(keyType)} key has the fingerprint ${fingerprint}${certificate}`,
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
    askCredential: (origin, problem) =>
      inTurn((ask) => {
        if (problem !== undefined) out.log(safeText(problem));
        return ask.secret(
          `${safeText(origin)} wants a login. Token, or user:password (empty: go on without)`,
        );
      }),
    loggedIn: ({ origin, storedAt }) => {
      if (storedAt === undefined) return;
      out.log(`Stored the login to ${safeText(origin)} ${storedPlaceWords(storedAt)}`);
    },
    askPassphrase: (file) => inTurn((ask) => ask.secret(`Passphrase of the key ${safeText(file)}`)),
  };
}
