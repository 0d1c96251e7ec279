/** The other side of `keychain.ts`: runs in the short process and calls the system. */
import { messageOf } from "../base/errors.ts";
import type { KeychainAnswer, KeychainRequest } from "./keychain.ts";

/** The part of `Bun.secrets` that is used. */
export type SystemSecrets = Pick<typeof Bun.secrets, "get" | "set" | "delete">;

/** Under which all of lull's entries stand in the keychain. */
const SERVICE = "lull";

/** Returns one line of JSON, whatever comes in. */
export async function answerKeychain(text: string, secrets: SystemSecrets = Bun.secrets): Promise<string> {
  return `${JSON.stringify(await carryOut(text, secrets))}\n`;
}

async function carryOut(text: string, secrets: SystemSecrets): Promise<KeychainAnswer> {
  try {
    const request = JSON.parse(text) as KeychainRequest;
    const entry = { service: SERVICE, name: request.name };
    switch (request.kind) {
      case "get":
        return { kind: "done", value: await secrets.get(entry) };
      case "set":
        await secrets.set({ ...entry, value: request.value });
        return { kind: "done", value: null };
      case "remove":
        await secrets.delete(entry);
        return { kind: "done", value: null };
    }
  } catch (error) {
    return { kind: "unavailable", why: whyNot(messageOf(error)) };
  }
}

/** All of them come with the same code, ERR_SECRETS_PLATFORM_ERROR; only the text tells them apart (measured). */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/libsecret not available/i, "libsecret is not installed (libsecret-1-0, or libsecret)"],
  [
    /autolaunch D-Bus|Could not connect|DBUS_SESSION_BUS_ADDRESS/i,
    "there is no session bus: nobody is logged in to a desktop here",
  ],
  [
    /org\.freedesktop\.secrets|ServiceUnknown/i,
    "no keyring service is running (gnome-keyring, KWallet, KeePassXC)",
  ],
  [/locked/i, "the keyring is locked"],
  [/dismissed|cancell?ed/i, "the keychain's window was closed without an answer"],
];

function whyNot(message: string): string {
  return REASONS.find(([pattern]) => pattern.test(message))?.[1] ?? `the keychain said: ${message}`;
}
