/** ProxyCommand of ssh_config: a program whose input and output are the way to the server. */
import { Duplex } from "node:stream";

import { messageOf } from "../../base/errors.ts";
import type { PipedProgram, StartProgram } from "../../base/program.ts";
import { safeText } from "../../base/safe-text.ts";
import { transportError } from "../transport-error.ts";
import { serverWords } from "./remote-command.ts";
import type { SshSettings } from "./ssh-settings.ts";

export type ProxyCommandInput = {
  readonly settings: SshSettings;
  /** As it was asked for, before ssh_config. */
  readonly name: string;
  /** For messages, e.g. `reach ssh://host/notes`. */
  readonly doing: string;
  readonly startProgram: StartProgram;
  readonly environment: Readonly<Record<string, string | undefined>>;
};

export type ProxyWay = {
  readonly socket: Duplex;
  /** The error to tell when the connection failed because the program did; undefined: it is not to blame. */
  failure(): Promise<Error | undefined>;
};

/**
 * Started as OpenSSH does it: by the person's shell, which it replaces. It ends with the connection.
 * @throws LullError `UNSUPPORTED` for a name with characters that mean something to a shell, or where there is no shell
 */
export function openProxyCommand(command: string, input: ProxyCommandInput): ProxyWay {
  const { settings, name, doing, startProgram, environment } = input;
  const line = expanded(
    command,
    { h: settings.hostName, n: name, p: String(settings.port), r: settings.user },
    doing,
  );
  const shell = environment["SHELL"]?.startsWith("/") === true ? environment["SHELL"] : "/bin/sh";
  const program = startProgram([shell, "-c", `exec ${line}`], environment);
  if (program === undefined) {
    throw transportError({
      code: "UNSUPPORTED",
      message: `cannot ${doing}: ssh_config has a ProxyCommand for it, and there is no shell ${shell} to start it`,
      hint: "set `transport.ssh: system`, or use ProxyJump",
    });
  }
  return { socket: new ProgramSocket(program), failure: () => failureOf(program, doing) };
}

/** What a shell would not take for itself; OpenSSH refuses such names too (CVE-2023-51385). */
const HARMLESS = /^[^\s\p{Cc}'"`$\\;&|<>(){}[\]*?!#~-][^\s\p{Cc}'"`$\\;&|<>(){}[\]*?!#~]*$/u;

function expanded(command: string, values: Readonly<Record<string, string>>, doing: string): string {
  return command.replaceAll(/%(.)/gs, (whole, token: string) => {
    if (token === "%") return "%";
    const value = values[token];
    if (value === undefined) return whole;
    if (HARMLESS.test(value)) return value;
    throw transportError({
      code: "UNSUPPORTED",
      message: `cannot ${doing}: "${safeText(value)}" has characters that a shell would take for a command, and ssh_config hands it to one (ProxyCommand)`,
      causes: ["the address has a typing mistake", "somebody has made it up to start a program"],
      hint: "correct the host or the user name in the remote's address",
    });
  });
}

/** Its words of farewell are there as soon as it has ended; one that still runs is not to blame. */
const LAST_WORDS_MS = 300;

async function failureOf(program: PipedProgram, doing: string): Promise<Error | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), LAST_WORDS_MS);
  });
  const end = await Promise.race([program.ended, patience]);
  clearTimeout(timer);
  if (end?.code === undefined) return undefined;
  return transportError({
    code: "NETWORK",
    message: `cannot ${doing}: the ProxyCommand of ssh_config ended with ${end.code}${serverWords(end.stderr)}`,
    causes: [
      "the program is not on the PATH of this process",
      "it has to be logged in first",
      "the server is down",
    ],
    hint: "run the command by hand, then `lull sync` again",
  });
}

class ProgramSocket extends Duplex {
  readonly #program: PipedProgram;

  constructor(program: PipedProgram) {
    super({ allowHalfOpen: false });
    this.#program = program;
    // What went wrong is told by the end of the connection.
    this.on("error", () => {});
  }

  override _read(): void {
    void this.#pull();
  }

  override _write(piece: Uint8Array, _encoding: string, done: (error?: Error) => void): void {
    void this.#give(piece, done);
  }

  override _final(done: () => void): void {
    this.#program.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#program.kill();
    done(error);
  }

  async #pull(): Promise<void> {
    const next = await this.#program.output.next().catch(asError);
    if (next instanceof Error) this.destroy(next);
    else this.push(next.done === true ? null : next.value);
  }

  async #give(piece: Uint8Array, done: (error?: Error) => void): Promise<void> {
    const error = await this.#program.write(piece).catch(asError);
    done(error ?? undefined);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(messageOf(error));
}
