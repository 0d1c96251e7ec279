import { systemClock } from "../../../src/base/clock.ts";
import { findProgram } from "../../../src/platform/find-program.ts";
import { runProgram } from "../../../src/platform/run-program.ts";
import { startProgram } from "../../../src/platform/start-program.ts";
import type { Deadlines } from "../../../src/transport/http-deadlines.ts";
import { createTransport } from "../../../src/transport/open-transport.ts";
import type { SshMeans } from "../../../src/transport/ssh/open-ssh.ts";
import { type Connection, DEFAULT_SETTINGS, type SshChoice } from "../../../src/transport/transport.ts";
import type { SshClient } from "../../helpers/ssh-client.ts";

export type OpenOverSsh = Pick<SshMeans, "confirmHost" | "askPassphrase" | "chosenSsh"> & {
  readonly choice: SshChoice;
  readonly client: SshClient;
  readonly signal?: AbortSignal;
  readonly deadlines?: Partial<Deadlines>;
  readonly onBytes?: (direction: "up" | "down", bytes: number) => void;
};

export function openOverSsh(
  url: string,
  { choice, client, signal, deadlines = {}, onBytes, ...asks }: OpenOverSsh,
): Promise<Connection> {
  const transport = createTransport({
    credentials: async () => undefined,
    createResponder: () => {
      throw new Error("no local remote here");
    },
    clock: systemClock,
    deadlines,
    homeDirectory: client.home,
    ssh: {
      environment: client.env,
      findProgram: (name) => findProgram(name, client.env),
      startProgram,
      runProgram,
      home: client.home,
      userName: "nobody-here",
      ...asks,
    },
  });
  return transport.open(url, {
    signal: signal ?? new AbortController().signal,
    settings: { ...DEFAULT_SETTINGS, ssh: choice },
    ...(onBytes === undefined ? {} : { onBytes }),
  });
}
