import type { Encryption } from "../../app/get-encryption.ts";
import type { InitEncryptionResult } from "../../app/init-encryption.ts";
import type { Recovered } from "../../app/recover-encryption.ts";
import { safeText } from "../../base/safe-text.ts";
import { hangingLines } from "../text-layout.ts";
import { storedPlaceWords } from "./auth.ts";
import type { Look } from "./look.ts";
import { localTime } from "./times.ts";

/** What `lull secret init` says, and what it shows with `--quiet` too: a recovery key that stands nowhere else. */
export function encryptionInitLines(
  result: InitEncryptionResult,
  look: Look,
): { readonly said: readonly string[]; readonly shown: readonly string[] } {
  switch (result.kind) {
    case "exists":
      return {
        said: [
          "There is an identity already; nothing was changed. `--force` makes new keys.",
          ...encryptionLines(result.encryption, look),
        ],
        shown: [],
      };
    case "dry-run":
      return { said: ["Would make an age identity for this device and a recovery key"], shown: [] };
    case "made":
      return { said: madeLines(result, look), shown: recoveryLines(result, look) };
  }
}

type Made = InitEncryptionResult & { readonly kind: "made" };

function madeLines({ key, recoveryKey, storedAt, replaced, recovery }: Made, look: Look): readonly string[] {
  const written = recovery.kind === "file" ? `, written to ${safeText(recovery.path)}` : "";
  return [
    ...done(`Made an age identity for this device, kept ${storedPlaceWords(storedAt)}`, look),
    ...done(`Made a recovery key${written}`, look),
    "",
    ...publicKeyLines(key, recoveryKey),
    ...(replaced === undefined
      ? []
      : [`Old identity  ${replaced}`, "              stays here, to read with"]),
    ...(recovery.kind === "file"
      ? ["", ...hangingLines("", `${KEEP} Move the file there, and remove it here.`, look.width)]
      : []),
  ];
}

function publicKeyLines(key: string, recoveryKey: string): readonly [string, string] {
  return [`Identity      ${key}`, `Recovery key  ${recoveryKey}`];
}

const KEEP =
  "Whoever has the recovery key can read all that your devices encrypt, also when they are lost. Keep it away from this machine: on paper, or in a password manager.";

function recoveryLines({ recovery }: Made, { style, width }: Look): readonly string[] {
  if (recovery.kind === "file") return [];
  return [
    "",
    "The secret of the recovery key, shown this once and stored nowhere:",
    "",
    `  ${style.bold(recovery.secret)}`,
    "",
    ...hangingLines("", `${KEEP} On a new device, \`lull secret recover\` asks for it.`, width),
  ];
}

/** Before new keys take the place of old ones. */
export function newKeysWarning({
  key,
  recoveryKey,
}: Pick<Encryption, "key" | "recoveryKey">): readonly string[] {
  return [
    "Files that are encrypted already do not know the new keys:",
    `  The new recovery key opens none of them until they are encrypted anew (lull secret recipients add SOURCE). Keep the old one (${recoveryKey}).`,
    `  This device reads them as long as its keychain gives out the old identity (${key}); if that is lost, only the old recovery key and your other devices can.`,
    "  Other devices encrypt nothing for the new identity before somebody accepts it there.",
  ];
}

export function recoveredLines(result: Recovered, look: Look): readonly string[] {
  const { recoveryKey, storedAt, isOwn, device, dryRun } = result;
  const kept =
    storedAt !== undefined
      ? done(`Kept the recovery key ${storedPlaceWords(storedAt)}`, look)
      : [dryRun ? "The recovery key is well-formed; would keep it" : "The recovery key is kept here already"];
  const made =
    device.kind === "made"
      ? done(`Made an age identity for this device, kept ${storedPlaceWords(device.storedAt)}`, look)
      : device.kind === "missing"
        ? ["Would make an age identity for this device"]
        : [];
  const keys =
    device.kind === "missing" ? [`Recovery key  ${recoveryKey}`] : publicKeyLines(device.key, recoveryKey);
  const other = isOwn
    ? []
    : hangingLines(
        "",
        "It is another recovery key than the one of this device, which stays what this device encrypts for; this one serves to read.",
        look.width,
      );
  return [...kept, ...made, ...other, "", ...keys];
}

export function encryptionLines(
  { key, recoveryKey, madeAt, place }: Encryption,
  look: Look,
): readonly string[] {
  const where =
    place === undefined
      ? "its secret is gone: `lull secret recover`"
      : place === "file"
        ? "in a file"
        : "in the keychain";
  const [identity, recovery] = publicKeyLines(key, recoveryKey);
  return [identity, `              made ${localTime(madeAt, look.clock)}, ${where}`, recovery];
}

function done(text: string, { style, symbols, width }: Look): readonly string[] {
  return hangingLines(`${style.green(symbols.done)} `, text, width);
}
