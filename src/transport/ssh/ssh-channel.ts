/**
 * Git over SSH: a command runs on the server and git's protocol goes through its input and output. This folder owns
 * how the command is started (the person's own `ssh`, or lull's), what a refusal means, and where a conversation ends.
 * It must not know what is said in it beyond the frames of its packets.
 */
import type { PipedProgram, PipedProgramEnd } from "../../base/program.ts";
import type { LullError } from "../../base/errors.ts";
import type { RequestWatch } from "../http-deadlines.ts";

/** Input, output and end of a command on the server. `ended.code` is undefined when the connection broke. */
export type SshChannel = PipedProgram;

export type SshCommand = {
  readonly text: string;
  /** Asked of the server, which takes what its settings allow. */
  readonly environment: Readonly<Record<string, string>>;
};

export type FailureContext = {
  /** E.g. `read the refs of ssh://host/notes`. */
  readonly doing: string;
  /** `connect`: nothing has come back yet; `answer`: the command ran. */
  readonly phase: "connect" | "answer";
};

/** One server, as one user, for as long as a `Connection` lives. */
export type SshOpener = {
  /**
   * Starts a command. Whoever knows only later that nobody answers says so in `failure`.
   * @param watch ends the attempt to connect, and rests while a person is asked; an open channel has its own `kill`
   * @throws LullError `AUTH`, `HOST_UNKNOWN`, `HOST_CHANGED`, `NETWORK`, `TIMEOUT`
   */
  open(command: SshCommand, watch: RequestWatch): Promise<SshChannel>;
  /** The error of SSH itself behind a channel's early end; undefined when it was the command that ended. */
  failure(end: PipedProgramEnd, context: FailureContext): Promise<LullError | undefined>;
  /** Safe to call twice. */
  close(): Promise<void>;
};
