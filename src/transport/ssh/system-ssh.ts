import type { RunProgram, StartProgram } from "../../base/program.ts";
import { transportError } from "../transport-error.ts";
import type { SshOpener } from "./ssh-channel.ts";
import { type SshTarget, targetText } from "./ssh-target.ts";
import { isUnknownHost, sshFailure } from "./system-ssh-failure.ts";

export type SystemSshOptions = {
  readonly target: SshTarget;
  /** Absolute path of the program. */
  readonly program: string;
  /** The person's own environment: their agent, their home. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly startProgram: StartProgram;
  readonly runProgram: RunProgram;
};

/** What ssh ends with when it is itself that failed. */
const SSH_FAILED = 255;

/** To learn a fingerprint, which is for the message only. */
const FINGERPRINT_DEADLINE_MS = 10_000;

/** The person's own `ssh`: their ssh_config, agent, hardware keys, certificates, jump hosts and shared connections. */
export function systemSsh(options: SystemSshOptions): SshOpener {
  const { target, program, startProgram } = options;
  // Its messages are read, so that they must be in English.
  const environment = { ...options.environment, LC_ALL: "C" };
  const open = new Set<{ kill(): void }>();
  return {
    async open(command) {
      const sent = Object.keys(command.environment).flatMap((name) => ["-o", `SendEnv=${name}`]);
      const channel = startProgram([program, ...destination(target, sent), command.text], {
        ...environment,
        ...command.environment,
      });
      if (channel === undefined) {
        throw transportError({
          code: "NETWORK",
          message: `cannot start ${program} to reach ${targetText(target)}`,
          causes: ["it was removed or may not be run"],
          hint: "install OpenSSH's client, or set `transport.ssh: builtin`",
        });
      }
      open.add(channel);
      void channel.ended.then(() => open.delete(channel));
      return channel;
    },
    async failure(end, context) {
      if (end.code !== SSH_FAILED) return undefined;
      const fingerprint = isUnknownHost(end.stderr)
        ? await offeredFingerprint(options, environment)
        : undefined;
      return sshFailure(end.stderr, { ...context, target, fingerprint });
    },
    async close() {
      for (const channel of open) channel.kill();
    },
  };
}

/** Everything up to the command. `--` keeps a host that begins with a dash from being an option. */
function destination({ host, user, port }: SshTarget, more: readonly string[]): readonly string[] {
  return [
    // Nobody is there to answer a question; whoever asks for a passphrase would hang.
    "-oBatchMode=yes",
    "-T",
    ...more,
    ...(port === undefined ? [] : ["-p", String(port)]),
    ...(user === undefined ? [] : ["-l", user]),
    "--",
    host,
  ];
}

/** Only a talkative ssh says which key an unknown server has. It connects once more and is refused as before. */
async function offeredFingerprint(
  { target, program, runProgram }: SystemSshOptions,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const result = await runProgram([program, ...destination(target, ["-v"]), "true"], {
    deadlineMs: FINGERPRINT_DEADLINE_MS,
    env: environment,
  });
  if (result.kind !== "ended") return undefined;
  // Behind a jump host there are two; the last one is that of the server itself.
  return [...result.stderr.matchAll(/^debug1: Server host key: \S+ (SHA256:[A-Za-z0-9+/]{43})\s*$/gm)].at(
    -1,
  )?.[1];
}
