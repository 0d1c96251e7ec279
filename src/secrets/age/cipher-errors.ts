import { LullError } from "../../base/errors.ts";

/** Of an age file that is not as it was written, or not complete. */
export function damaged(why: string, causes: readonly string[] = [], cause?: unknown): LullError {
  return new LullError({
    kind: "failed",
    code: "DAMAGED",
    message: `it can not be decrypted: ${why}; nothing of it was used`,
    causes: [...causes, "it was changed, cut or appended to after it was encrypted", "the disk is damaged"],
    hint: "take an earlier version: `lull savepoints NAME`, `lull restore NAME PATH --at TIME`",
    cause,
  });
}

export function notForThisDevice(identities: number): LullError {
  return new LullError({
    kind: "auth",
    code: "NOT_FOR_THIS_DEVICE",
    message:
      identities === 0
        ? "it is encrypted, and this device has no age identity"
        : "it is encrypted for other recipients, not for this device",
    causes:
      identities === 0
        ? ["`lull secret init` was never run here"]
        : [
            "no other device has encrypted it anew since this one has joined",
            "this device was removed from the recipients",
            "its header was changed",
          ],
    hint: "with the recovery key: `lull secret recover`; else on a device that can read it: lull secret recipients add SOURCE NAME",
  });
}

export function noRecipients(): LullError {
  return new LullError({
    kind: "usage",
    code: "NO_RECIPIENTS",
    message: "nothing is encrypted for nobody: the list of recipients is empty",
    causes: ["`lull secret init` was never run on this device", "no recipient has been accepted here"],
    hint: "run `lull secret init`",
  });
}

/** @param shown what stands there, fit to be shown */
export function badRecipient(position: number, shown: string): LullError {
  return new LullError({
    kind: "usage",
    code: "BAD_RECIPIENT",
    message: `recipient ${position} is no public key of age (age1…): ${shown}`,
    causes: ["a character was mistyped or is missing", "it is a key of a kind that lull does not use"],
    hint: "`lull secret list` on the device that it is for shows its public key",
    data: { position },
  });
}

export function tooLarge(
  code: "TOO_LARGE_TO_ENCRYPT" | "TOO_LARGE_TO_DECRYPT",
  size: number,
  most: number,
): LullError {
  return new LullError({
    kind: "failed",
    code,
    message: `a file of ${size} bytes is too large for encryption: ${most} is the most`,
    hint: "leave it out of the source, or let it be there without `encrypt`",
    data: { size, most },
  });
}
