import type { LullError } from "../../base/errors.ts";
import type { PipedProgramEnd, RunProgram, StartProgram } from "../../base/program.ts";
import type { RequestWatch } from "../http-deadlines.ts";
import { transportError } from "../transport-error.ts";
import { ASK_NOBODY, type Asking, askingFor, passphraseProblems, type StoredPassphrases } from "./askpass.ts";
import type { FailureContext, SshChannel, SshCommand, SshOpener } from "./ssh-channel.ts";
import { askSystemSsh } from "./ssh-config.ts";
import { settingsOf, type SettingsContext } from "./ssh-settings.ts";
import { type SshTarget, targetText } from "./ssh-target.ts";
import { isNoKeyAccepted, isUnknownHost, sshFailure } from "./system-ssh-failure.ts";

export type SystemSshOptions = Pick<SettingsContext, "home" | "userName"> & {
  readonly target: SshTarget;
  /** Absolute path of the program, and what always follows it. */
  readonly command: readonly [string, ...string[]];
  /** The person's own environment: their agent, their home. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly startProgram: StartProgram;
  readonly runProgram: RunProgram;
  readonly passphrases?: StoredPassphrases | undefined;
  /** Where it is said that `command` is to be run, for messages; undefined: it is plain `ssh`. */
  readonly chosenBy?: string | undefined;
};

/** What ssh ends with when it is itself that failed. */
const SSH_FAILED = 255;

/** To learn a fingerprint, which is for the message only. */
const FINGERPRINT_DEADLINE_MS = 10_000;

/** The person's own `ssh`: their ssh_config, agent, hardware keys, certificates, jump hosts and shared connections. */
export class SystemSsh implements SshOpener {
  readonly #options: SystemSshOptions;
  readonly #open = new Set<{ kill(): void }>();
  #asking: Promise<Asking> | undefined;
  /** Of the conversation that was opened last. */
  #signal = new AbortController().signal;

  constructor(options: SystemSshOptions) {
    // Its messages are read, so that they must be in English.
    this.#options = { ...options, environment: { ...options.environment, LC_ALL: "C" } };
  }

  async open(command: SshCommand, watch: RequestWatch): Promise<SshChannel> {
    const { command: words, target, environment, startProgram } = this.#options;
    const sent = Object.keys(command.environment).flatMap((name) => ["-o", `SendEnv=${name}`]);
    const asking = await this.#ask(watch.signal);
    const more = [...asking.options, ...sent];
    const env = { ...environment, ...asking.environment, ...command.environment };
    const channel = startProgram([...words, ...destination(target, more), command.text], env);
    if (channel === undefined) {
      throw transportError({
        code: "NETWORK",
        message: `cannot start ${words[0]} to reach ${targetText(target)}`,
        causes: ["it was removed or may not be run"],
        hint: "install OpenSSH's client, or set `transport.ssh: builtin`",
      });
    }
    this.#open.add(channel);
    void channel.ended.then(() => this.#open.delete(channel));
    return channel;
  }

  async failure(end: PipedProgramEnd, context: FailureContext): Promise<LullError | undefined> {
    if (end.code !== SSH_FAILED) return undefined;
    const { target, passphrases, chosenBy } = this.#options;
    const fingerprint = isUnknownHost(end.stderr) ? await this.#offeredFingerprint() : undefined;
    const { keys } = (await this.#asking) ?? ASK_NOBODY;
    const problems =
      passphrases === undefined || !isNoKeyAccepted(end.stderr)
        ? []
        : await passphraseProblems(keys, passphrases, this.#signal);
    return sshFailure(end.stderr, { ...context, target, fingerprint, problems, chosenBy });
  }

  async close(): Promise<void> {
    for (const channel of this.#open) channel.kill();
  }

  #ask(signal: AbortSignal): Promise<Asking> {
    this.#signal = signal;
    this.#asking ??= askingFor({
      ...this.#options,
      settingsOf: async (target) => {
        const words = await askSystemSsh(target, { ...this.#options, signal });
        return words === undefined ? undefined : settingsOf(target, words, this.#options);
      },
    }).catch((error: unknown) => {
      this.#asking = undefined;
      throw error;
    });
    return this.#asking;
  }

  /** Only a talkative ssh says which key an unknown server has. It connects once more and is refused as before. */
  async #offeredFingerprint(): Promise<string | undefined> {
    const { command, target, runProgram, environment } = this.#options;
    const args = destination(target, [...ASK_NOBODY.options, "-v"]);
    const result = await runProgram([...command, ...args, "true"], {
      deadlineMs: FINGERPRINT_DEADLINE_MS,
      env: environment,
    });
    if (result.kind !== "ended") return undefined;
    // Behind a jump host there are two; the last one is that of the server itself.
    return [...result.stderr.matchAll(/^debug1: Server host key: \S+ (SHA256:[A-Za-z0-9+/]{43})\s*$/gm)].at(
      -1,
    )?.[1];
  }
}

/** Everything up to the command. `--` keeps a host that begins with a dash from being an option. */
function destination({ host, user, port }: SshTarget, more: readonly string[]): readonly string[] {
  return [
    "-T",
    ...more,
    ...(port === undefined ? [] : ["-p", String(port)]),
    ...(user === undefined ? [] : ["-l", user]),
    "--",
    host,
  ];
}
