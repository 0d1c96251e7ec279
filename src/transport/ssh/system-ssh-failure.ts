import type { LullError } from "../../base/errors.ts";
import { REFUSED_CAUSES, UNKNOWN_NAME_CAUSES } from "../connect-causes.ts";
import { type TransportErrorInit, transportError } from "../transport-error.ts";
import type { PassphraseProblem } from "./askpass.ts";
import { hostChanged, hostRevoked, hostUnknown } from "./host-errors.ts";
import { serverWords } from "./remote-command.ts";
import type { FailureContext } from "./ssh-channel.ts";
import { sshCommandLine, type SshTarget, targetText } from "./ssh-target.ts";

export type SshFailureContext = FailureContext & {
  readonly target: SshTarget;
  /** `SHA256:…` of a server that is not known, where it could be learnt. */
  readonly fingerprint: string | undefined;
  /** Why stored passphrases did not open their keys. */
  readonly problems: readonly PassphraseProblem[];
  /** Where it is said how ssh is started, when it is not the plain one. */
  readonly chosenBy: string | undefined;
};

/** OpenSSH says this also of a changed key, after many more lines. */
export function isUnknownHost(stderr: string): boolean {
  return (
    /host key verification failed|host key is known for/i.test(stderr) &&
    !isChangedHost(stderr) &&
    !isRevoked(stderr)
  );
}

function isChangedHost(stderr: string): boolean {
  return /REMOTE HOST IDENTIFICATION HAS CHANGED|host key for .{0,300} has changed/is.test(stderr);
}

function isRevoked(stderr: string): boolean {
  return /REVOKED HOST KEY|marked as revoked|is revoked/i.test(stderr);
}

export function isNoKeyAccepted(stderr: string): boolean {
  return /permission denied|too many authentication failures|no supported authentication/i.test(stderr);
}

/** What OpenSSH's client means by ending with 255; its words are those of LC_ALL=C. */
export function sshFailure(stderr: string, context: SshFailureContext): LullError {
  const { doing, phase, target, fingerprint, problems, chosenBy } = context;
  if (isRevoked(stderr)) return hostRevoked({ doing, target });
  if (isChangedHost(stderr)) {
    return hostChanged({ doing, target, fingerprint: /SHA256:[A-Za-z0-9+/]{43}/.exec(stderr)?.[0] });
  }
  if (isUnknownHost(stderr))
    return hostUnknown({ doing, target, fingerprint, accept: `\`${sshCommandLine(target)}\`` });
  const said = serverWords(stderr);
  const place = targetText(target);
  const failed = (init: Omit<TransportErrorInit, "message">, what: string): LullError =>
    transportError({ ...init, message: `cannot ${doing}: ${what}${said}`, data: { host: target.host } });
  if (isNoKeyAccepted(stderr)) {
    const [problem] = problems;
    return failed(
      {
        code: "AUTH",
        causes: [
          ...(chosenBy === undefined ? [] : [`${chosenBy} chooses another key than the server knows`]),
          "no key of this machine is known to the server",
          "the key has a passphrase, no agent holds it, and none is stored for it",
          "the user name in the address is wrong (mostly it is `git`)",
        ],
        hint:
          problem === undefined
            ? `try \`${sshCommandLine(target)}\`; for a key with a passphrase run \`ssh-add\`, or \`lull secret set ssh-key:<file>\` for syncs without you`
            : problem.hint,
      },
      `${place} accepts none of the keys${problems.map(({ why }) => `; ${why}`).join("")}`,
    );
  }
  if (/timed out|timeout/i.test(stderr)) return failed({ code: "TIMEOUT" }, `${place} does not answer`);
  if (/could not resolve|name or service not known|nodename nor servname/i.test(stderr)) {
    return failed(
      { code: "NETWORK", causes: UNKNOWN_NAME_CAUSES },
      `the host name ${target.host} is unknown`,
    );
  }
  if (/connection refused/i.test(stderr))
    return failed({ code: "NETWORK", causes: REFUSED_CAUSES }, `nothing listens at ${place}`);
  if (/no matching .{0,80} found/i.test(stderr)) {
    return failed(
      {
        code: "UNSUPPORTED",
        causes: ["the server offers old algorithms only"],
        hint: "update the server's SSH",
      },
      `ssh and ${place} have no algorithm in common`,
    );
  }
  if (/bad configuration|bad owner or permissions|unsupported option/i.test(stderr)) {
    return failed(
      {
        code: "AUTH",
        causes: ["ssh's own settings are wrong"],
        hint: `mend what \`${sshCommandLine(target)}\` complains of`,
      },
      "ssh does not start",
    );
  }
  return phase === "answer"
    ? failed({ code: "TRUNCATED" }, `the connection to ${place} broke`)
    : failed({ code: "NETWORK" }, `${place} can not be reached`);
}
