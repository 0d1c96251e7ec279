import { basename } from "node:path";

import type { SigningRequest } from "../base/signing.ts";
import { askProgram, programFor } from "./ask-program.ts";
import type { SigningMeans } from "./signing.ts";
import { type SigningFailure, signingFailed } from "./signing-error.ts";

/** What makes GnuPG fail at once where it would ask, and leave alone the desktop of a person who asked for nothing. */
const ASK_NOBODY = ["--batch", "--no-tty", "--pinentry-mode=error"];
const NO_DISPLAY = { GPG_TTY: undefined, DISPLAY: undefined, WAYLAND_DISPLAY: undefined };

/** As git calls it: what it prints is the signature, what it has to say to programs goes to stderr. */
const SIGN = ["--status-fd=2", "-bsau"];

/** OpenPGP by `gpg`, X.509 by `gpgsm`, or what the person has named in their place. */
export function signWithGnupg(means: SigningMeans, request: SigningRequest): string {
  const program = programFor(means, request, request.format === "x509" ? "gpgsm" : "gpg");
  const key = request.key ?? request.identity;
  const quiet = !means.isAttended && isGnupg(program) ? ASK_NOBODY : [];
  const { code, stdout, stderr } = askProgram(means, request, {
    command: [program, ...quiet, ...SIGN, key],
    input: request.payload,
    environment: means.isAttended ? {} : NO_DISPLAY,
  });
  // As git has it, a success without this word is none.
  if (code === 0 && /^\[GNUPG:\] SIG_CREATED /m.test(stderr)) return stdout;
  throw signingFailed(request, { ...failureOf(stderr, { program, key, request }), said: stderr });
}

/** Others that take its place may not know its options. */
function isGnupg(program: string): boolean {
  return /^(?:gpg|gpg2|gpgsm)(?:\.exe)?$/i.test(basename(program.replaceAll("\\", "/")));
}

/** Of libgpg-error: a passphrase or a PIN that is wrong, not given, or that nobody may be asked for. */
const LOCKED: ReadonlySet<number> = new Set([11, 85, 86, 87, 99, 198]);

/** ENOTTY: pinentry for a terminal was not told which. */
const NO_TERMINAL = 32_870;

function failureOf(
  stderr: string,
  at: { readonly program: string; readonly key: string; readonly request: SigningRequest },
): SigningFailure {
  const name = basename(at.program);
  // The upper half of the number tells which part of GnuPG it was.
  const code = Number(/^\[GNUPG:\] FAILURE sign (\d+)/m.exec(stderr)?.[1] ?? 0) & 0xffff;
  if (LOCKED.has(code)) {
    return {
      what: `${name} needs the passphrase or PIN of the key`,
      causes: [
        "nobody is there to type it",
        "the agent does not hold it any more: it forgets, and after a restart it knows none",
      ],
      check:
        "run `lull sync <source>` in a terminal, and have the agent keep the passphrase longer (default-cache-ttl in gpg-agent.conf)",
    };
  }
  if (code === NO_TERMINAL) {
    return {
      what: `${name} could not ask for the passphrase`,
      causes: ["GPG_TTY, which tells it the terminal, is not set"],
      check: "run `export GPG_TTY=$(tty)`, then the command again",
    };
  }
  const list = `\`${name} --list-secret-keys\``;
  if (/^\[GNUPG:\] (?:INV_SGNR|NO_SECKEY) /m.test(stderr)) {
    return {
      what: `${name} has no usable secret key for it`,
      causes: [
        at.request.key === undefined
          ? "user.signingKey is not set in your git config"
          : "user.signingKey names another key",
        "it has expired or was revoked",
        "this machine has no copy of it",
      ],
      check: `look at ${list}`,
    };
  }
  return {
    what: `${name} failed`,
    causes: ["its agent does not run", "its settings are damaged"],
    check: `look at ${list}`,
  };
}
